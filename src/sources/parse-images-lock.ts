import { parseYaml } from '../yaml/yaml.ts'
import { type Repetitions, readImagesLock } from './images-lock.ts'
import { lockKind } from './lock-kind.ts'
import type { PinnedListing } from './source.ts'

/** Reads a text that can only be an ImagesLock; all problems are thrown together, of kind `input` with their place in `file`. */
export function parseImagesLock(
  text: string,
  file: string,
  repetitions: Repetitions = 'refuse',
): readonly PinnedListing[] {
  const tree = parseYaml(text, file)
  lockKind(tree, ['ImagesLock'])
  return readImagesLock(tree, repetitions)
}
