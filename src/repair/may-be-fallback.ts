import type { PromotionError } from '../errors.ts'
import { RegistryError } from '../registry/registry-error.ts'

/** Whether an image may be unseen because of what stands under a fallback tag: the registry has answered, and with something else than it should. */
export function mayBeFallback(error: PromotionError): boolean {
  return error.kind === 'registry' && (!(error instanceof RegistryError) || error.status === 200)
}
