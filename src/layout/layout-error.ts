import { PromotionError } from '../errors.ts'
import { LAYOUT_PREFIX } from '../oci/layout-name.ts'

const REPAIR =
  'Fetch or make the layout again; a part that is only missing arrives when you promote to it again.'

/** A layout that cannot be used as it is named: a PromotionError of kind `input`. */
export function unusableLayout(path: string, why: string, hint: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `${LAYOUT_PREFIX}${path} ${why}`, { hint, cause })
}

/** A layout that is not whole, or holds other bytes than it says: a PromotionError of kind `incomplete`. */
export function brokenLayout(path: string, why: string, hint = REPAIR, cause?: unknown): PromotionError {
  return new PromotionError('incomplete', `${LAYOUT_PREFIX}${path} ${why}`, { hint, cause })
}

/** A file that the system does not let us read or write, as an error of the layout; an error that is one already stays as it is. */
export function fileFailure(path: string, what: string, cause: unknown): PromotionError {
  if (cause instanceof PromotionError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  const hint = 'Check the path, its permissions, and whether the disk has room.'
  return brokenLayout(path, `cannot be ${what}: ${reason}`, hint, cause)
}
