import { cutText } from './cut-text.ts'

const LONGEST_QUOTE = 200

/**
 * A value out of somebody else's JSON, for an error message: text in quotes and not at full length, numbers and booleans as they are,
 * everything else by what it is, because it may be nested too deeply to be written again.
 */
export function quoteValue(value: unknown): string {
  if (typeof value === 'string') return cutText(JSON.stringify(value), LONGEST_QUOTE)
  if (value == null) return 'nothing'
  if (typeof value !== 'object') return String(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}
