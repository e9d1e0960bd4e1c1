import type { DriftEntry } from '../check/drift-entry.ts'
import { PromotionError } from '../errors.ts'

/** A finding as an error of kind `drift`, on its line of the list; its own kind, by which docs/check.md explains it, comes last. */
export function driftError({ kind, message, hint, location }: DriftEntry): PromotionError {
  return new PromotionError('drift', `${message} [${kind}]`, { hint }).locatedAt(location)
}
