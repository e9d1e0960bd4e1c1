import { parseYaml } from '../yaml/yaml.ts'
import { carvelDocument } from './carvel-document.ts'
import type { ImageDocument } from './source.ts'

/** Reads the text of one of Carvel's lists; all problems are thrown together, of kind `input` with their place in `file`. */
export function parseLock(text: string, file: string): ImageDocument {
  return carvelDocument(parseYaml(text, file))
}
