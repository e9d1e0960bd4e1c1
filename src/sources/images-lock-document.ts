import { formatReference } from '../oci/reference.ts'
import { entryKey } from './entry-key.ts'
import { formatImagesLock, type LockEntry } from './format-images-lock.ts'
import type { ImageDocument, ListedReference } from './source.ts'

/** References as an ImagesLock, in which every one has its own annotations. */
export function imagesLockDocument(listed: readonly ListedReference[]): ImageDocument {
  return {
    listed,
    rewrite: (placeOf) => {
      const lock = new Map<string, LockEntry>()
      for (const one of listed) {
        const entry = { image: formatReference(placeOf(one).reference), annotations: one.annotations }
        // Two sources can become one at the target, and a lock that repeats an entry is refused by whoever reads it next.
        lock.set(entryKey(entry), entry)
      }
      return formatImagesLock([...lock.values()])
    },
  }
}
