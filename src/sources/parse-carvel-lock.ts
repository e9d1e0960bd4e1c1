import { parseYaml } from '../yaml/yaml.ts'
import { readCarvelLock } from './read-carvel-lock.ts'
import type { PinnedListing } from './source.ts'

/** Reads a text that can only be one of Carvel's locks; all problems are thrown together, of kind `input` with their place in `file`. */
export function parseCarvelLock(text: string, file: string): readonly PinnedListing[] {
  return readCarvelLock(parseYaml(text, file))
}
