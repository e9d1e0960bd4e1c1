import type { DriftEntry } from '../check/drift-entry.ts'
import { count } from './safe-text.ts'

/** What a check found, in a few words; `errors` counts the findings and what could not be found out. */
export function driftVerdict(drift: readonly DriftEntry[], errors: number): string {
  const images = count(new Set(drift.map(({ image }) => image)).size, 'image')
  const others = errors - drift.length
  const found = `${count(drift.length, 'difference')} at ${images}`
  return others > 0 ? `${found}, and ${count(others, 'error')} besides` : found
}
