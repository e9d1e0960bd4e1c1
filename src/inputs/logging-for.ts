import type { Logging, Settings } from './settings.ts'

/** Whether new signatures are entered into a log, by what was given and by what they are made with. */
export function loggingFor(by: 'key' | 'keyless', wanted: Settings['transparency']): Logging {
  if (wanted !== 'auto') return wanted
  return by === 'key' ? 'none' : 'where possible'
}
