import { refuseOtherFile } from '../yaml/refuse-other-file.ts'
import { parseYaml } from '../yaml/yaml.ts'
import { readHelmLock } from './helm-lock.ts'
import { resolveHelmLock } from './helm-lock-document.ts'
import { asRead, type ListImages } from './list-images.ts'
import { lockDocument } from './lock-document.ts'
import { lockKind } from './lock-kind.ts'
import { readCarvelLock } from './read-carvel-lock.ts'

/** Reads a file that `lock` names, whichever list it is; all problems are thrown together, of kind `input` with their place in `file`. */
export function readLock(text: string, file: string): ListImages {
  refuseOtherFile(text, file, 'lock', 'a lock')
  const tree = parseYaml(text, file)
  if (lockKind(tree) !== 'HelmLock') return asRead(lockDocument(readCarvelLock(tree)))
  const images = readHelmLock(tree)
  return (fetch, warn) => resolveHelmLock({ images, text }, fetch, warn)
}
