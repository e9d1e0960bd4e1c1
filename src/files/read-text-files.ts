import { resolve } from 'node:path'
import { glob } from 'glob'
import { PromotionError } from '../errors.ts'
import { isThere } from './is-there.ts'
import { readTextFile, type TextFile } from './read-text-file.ts'

/** A text file and the name by which messages call it: its path as given, or as the pattern found it. */
export interface FoundFile extends TextFile {
  readonly file: string
}

/** Where and how files are looked for. */
export interface FileSearch {
  readonly workingDirectory: string
  /** Bytes of the largest file that is read; left out: what readTextFile reads. */
  readonly limit?: number
  /** What to do about a pattern that finds nothing. */
  readonly hint: string
  /** Takes what is thrown for a file that cannot be read, and an error of kind `input` for a pattern that finds nothing. */
  readonly note: (problem: unknown) => void
}

const PATTERN = /[*?[\]{}]/

/**
 * Reads the text files that paths and glob patterns name, as readTextFile does, in the order given and each once; a pattern's files come
 * sorted. `use` makes of each what is wanted of it, before the next one is read: together they may be large. What is wrong is noted, and the rest
 * is returned.
 */
export async function readTextFiles<T>(
  patterns: readonly string[],
  search: FileSearch,
  use: (found: FoundFile) => T,
): Promise<readonly T[]> {
  const { workingDirectory, limit, note } = search
  const read = new Map<string, T>()
  for (const pattern of patterns) {
    for (const file of await findFiles(pattern, search)) {
      try {
        const text = await readTextFile(file, workingDirectory, limit)
        if (!read.has(text.path)) read.set(text.path, use({ file, ...text }))
      } catch (error) {
        note(error)
      }
    }
  }
  return [...read.values()]
}

/** A file that has the pattern for its name is taken at its word. */
async function findFiles(
  pattern: string,
  { workingDirectory, hint, note }: FileSearch,
): Promise<readonly string[]> {
  if (!PATTERN.test(pattern) || (await isThere(resolve(workingDirectory, pattern)))) return [pattern]
  const found = await glob(pattern, { cwd: workingDirectory, nodir: true })
  if (found.length === 0) {
    note(new PromotionError('input', `No file matches "${pattern}" in ${workingDirectory}`, { hint }))
  }
  return found.sort()
}
