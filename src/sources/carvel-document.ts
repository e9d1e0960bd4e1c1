import type { YamlNode } from '../yaml/yaml.ts'
import { readBundleLock } from './bundle-lock.ts'
import { bundleLockDocument } from './bundle-lock-document.ts'
import { readImagesLock } from './images-lock.ts'
import { imagesLockDocument } from './images-lock-document.ts'
import { lockKind } from './lock-kind.ts'
import type { ImageDocument } from './source.ts'

/** One of Carvel's lists, whichever it is; all problems are thrown together, as PromotionErrors of kind `input` with their location. */
export function carvelDocument(tree: YamlNode): ImageDocument {
  const kind = lockKind(tree, ['ImagesLock', 'BundleLock'])
  return kind === 'BundleLock'
    ? bundleLockDocument(readBundleLock(tree))
    : imagesLockDocument(readImagesLock(tree))
}
