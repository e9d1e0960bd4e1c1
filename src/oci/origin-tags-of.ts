import { isPinned, type Reference } from './reference.ts'
import { splitReference } from './split-reference.ts'

/** The tag by which people know an image, as its reference was written: also the one in `name:tag@digest`, which says nothing else. */
export function originTagsOf(reference: Reference, written: string): readonly string[] {
  const tag = isPinned(reference) ? splitReference(written).tag : reference.tag
  return tag === undefined ? [] : [tag]
}
