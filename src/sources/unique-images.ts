import { formatReference } from '../oci/reference.ts'
import type { ListedImage } from './source.ts'

/**
 * Each image once, in the order of the entries: kbld lists one for every name by which it was asked for. The first stands, with the tags of
 * all of them and with what any of them says about it.
 */
export function uniqueImages(entries: readonly ListedImage[]): readonly ListedImage[] {
  const unique = new Map<string, ListedImage>()
  for (const entry of entries) {
    const name = formatReference(entry.reference)
    const first = unique.get(name)
    unique.set(name, first === undefined ? entry : together(first, entry))
  }
  return [...unique.values()]
}

function together(first: ListedImage, other: ListedImage): ListedImage {
  const terms = first.terms ?? other.terms
  return {
    ...first,
    originTags: [...new Set([...first.originTags, ...other.originTags])],
    ...(terms && { terms }),
  }
}
