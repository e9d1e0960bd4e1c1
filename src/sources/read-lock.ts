import { parseYaml } from '../yaml/yaml.ts'
import { carvelDocument } from './carvel-document.ts'
import { readHelmLock } from './helm-lock.ts'
import { type FetchManifest, resolveHelmLock, type Warn } from './helm-lock-document.ts'
import { lockKind } from './lock-kind.ts'
import type { ImageDocument } from './source.ts'

/** Says what a list that was read holds; of some lists that is for a registry to say. */
export type ListImages = (fetch: FetchManifest, warn: Warn) => Promise<ImageDocument>

/** Reads a file that `lock` names, whichever list it is; all problems are thrown together, of kind `input` with their place in `file`. */
export function readLock(text: string, file: string): ListImages {
  const tree = parseYaml(text, file)
  if (lockKind(tree) === 'HelmLock') {
    const images = readHelmLock(tree)
    return (fetch, warn) => resolveHelmLock({ images, text }, fetch, warn)
  }
  const document = carvelDocument(tree)
  return () => Promise.resolve(document)
}
