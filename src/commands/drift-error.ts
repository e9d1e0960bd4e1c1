import type { DriftEntry } from '../check/drift-entry.ts'
import { PromotionError } from '../errors.ts'

/** A finding as an error of kind `drift`, on its line of the list. */
export function driftError({ message, hint, location }: DriftEntry): PromotionError {
  return new PromotionError('drift', message, { hint }).locatedAt(location)
}
