import { parseYaml } from '../yaml/yaml.ts'
import { readBundleLock } from './bundle-lock.ts'
import { bundleLockDocument } from './bundle-lock-document.ts'
import { readHelmLock } from './helm-lock.ts'
import { resolveHelmLock } from './helm-lock-document.ts'
import { readImagesLock } from './images-lock.ts'
import { imagesLockDocument } from './images-lock-document.ts'
import { asRead, type ListImages } from './list-images.ts'
import { lockKind } from './lock-kind.ts'

/** Reads a file that `lock` names, whichever list it is; all problems are thrown together, of kind `input` with their place in `file`. */
export function readLock(text: string, file: string): ListImages {
  const tree = parseYaml(text, file)
  switch (lockKind(tree)) {
    case 'HelmLock': {
      const images = readHelmLock(tree)
      return (fetch, warn) => resolveHelmLock({ images, text }, fetch, warn)
    }
    case 'BundleLock':
      return asRead(bundleLockDocument(readBundleLock(tree)))
    case 'ImagesLock':
      return asRead(imagesLockDocument(readImagesLock(tree)))
  }
}
