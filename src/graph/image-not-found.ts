import { PromotionError } from '../errors.ts'
import { formatReference, type PinnedReference } from '../oci/reference.ts'

/** The PromotionError of kind `input` for a listed image that is a confirmed 404 where it should be read. */
export function imageNotFound(reference: PinnedReference): PromotionError {
  return new PromotionError('input', `${formatReference(reference)} does not exist (404)`, {
    hint: 'Check the digest and the repository, and that the credentials may read it.',
  })
}
