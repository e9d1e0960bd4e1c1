import type { YamlNode } from '../yaml/yaml.ts'
import { readBundleLock } from './bundle-lock.ts'
import { readImagesLock } from './images-lock.ts'
import { lockKind } from './lock-kind.ts'
import type { PinnedListing } from './source.ts'

/** What an ImagesLock or a BundleLock lists; all problems are thrown together, as PromotionErrors of kind `input` with their location. */
export function readCarvelLock(tree: YamlNode): readonly PinnedListing[] {
  const kind = lockKind(tree, ['ImagesLock', 'BundleLock'])
  return kind === 'BundleLock' ? [readBundleLock(tree)] : readImagesLock(tree)
}
