import {
  formatReference,
  formatRepository,
  parsePinnedReference,
  parseRepositoryName,
} from '../oci/reference.ts'
import type { ListedImage } from '../sources/source.ts'
import type { SavedImage } from './saved-plan.ts'
import { restoreTerms, saveTerms } from './saved-terms.ts'

/** What a list says of an image; the rest of a saved image is what was found out about it. */
export type SavedListing = Omit<SavedImage, 'inventory' | 'rule' | 'signatures' | 'signing' | 'targets'>

/** A listed image as plain data. */
export function saveImage(image: ListedImage): SavedListing {
  const { reference, resolvedTag, written, annotations, originTags, isTagLost, isBundle } = image
  const { terms, location, bundle, signedName } = image
  return {
    source: formatReference(reference),
    ...(resolvedTag !== undefined && { tag: resolvedTag }),
    written,
    annotations,
    originTags,
    ...(isTagLost && { isTagLost }),
    ...(isBundle && { isBundle }),
    ...(terms && { terms: saveTerms(terms) }),
    ...(location && { location }),
    ...(bundle && { bundle: { root: formatReference(bundle.root), isRoot: bundle.isRoot } }),
    ...(signedName && { signedName: formatRepository(signedName) }),
  }
}

/** The same image, as it was listed. Throws a PromotionError of kind `input` for names that are none. */
export function restoreImage(saved: SavedListing): ListedImage {
  const { source, tag, written, annotations, originTags, isTagLost, isBundle } = saved
  const { terms, location, bundle, signedName } = saved
  return {
    reference: parsePinnedReference(source),
    ...(tag !== undefined && { resolvedTag: tag }),
    written,
    annotations,
    originTags,
    ...(isTagLost && { isTagLost }),
    ...(isBundle && { isBundle }),
    ...(terms && { terms: restoreTerms(terms) }),
    ...(location && { location }),
    ...(bundle && { bundle: { root: parsePinnedReference(bundle.root), isRoot: bundle.isRoot } }),
    ...(signedName && { signedName: parseRepositoryName(signedName) }),
  }
}
