import { formatReference } from '../oci/reference.ts'
import type { ListedImage } from './source.ts'

/** Each image once, in the order of the entries: kbld lists one for every name by which it was asked for, and the first stands. */
export function uniqueImages(entries: readonly ListedImage[]): readonly ListedImage[] {
  const unique = new Map<string, ListedImage>()
  for (const entry of entries) {
    const name = formatReference(entry.reference)
    if (!unique.has(name)) unique.set(name, entry)
  }
  return [...unique.values()]
}
