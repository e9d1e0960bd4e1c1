import { bundleLockDocument } from './bundle-lock-document.ts'
import { imagesLockDocument } from './images-lock-document.ts'
import type { ImageDocument, ListedReference } from './source.ts'

/** References as one of Carvel's locks: a single bundle is what a BundleLock is for, and it holds no second one. */
export function lockDocument(listed: readonly ListedReference[]): ImageDocument {
  const [only, ...others] = listed
  return only?.isBundle && others.length === 0 ? bundleLockDocument(only) : imagesLockDocument(listed)
}
