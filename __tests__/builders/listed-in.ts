import { parseLock } from '../../src/sources/parse-lock.ts'
import type { ListedReference } from '../../src/sources/source.ts'

/** What one of Carvel's locks lists. */
export function listedIn(text: string, file: string): readonly ListedReference[] {
  return parseLock(text, file).listed
}
