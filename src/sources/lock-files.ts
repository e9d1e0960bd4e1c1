import { resolve } from 'node:path'
import { glob } from 'glob'
import { isThere } from '../files/is-there.ts'
import { readTextFile } from '../files/read-text-file.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'
import type { LockFile } from './source.ts'

const PATTERN = /[*?[\]{}]/

/**
 * Reads the files that paths and glob patterns name, in the order given and each once; a pattern's files come sorted. Only regular
 * UTF-8 files of at most 2 MiB are read; a symbolic link must end inside the working directory. What cannot be read goes to
 * `problems`, and the rest is returned; a pattern that finds nothing is a problem too.
 */
export async function readLockFiles(
  patterns: readonly string[],
  workingDirectory: string,
  problems: SourceProblems,
): Promise<readonly LockFile[]> {
  const files = new Map<string, LockFile>()
  for (const pattern of patterns) {
    for (const file of await findFiles(pattern, workingDirectory, problems)) {
      try {
        const lock = await readTextFile(file, workingDirectory)
        if (!files.has(lock.path)) files.set(lock.path, { file, ...lock })
      } catch (error) {
        problems.note(error)
      }
    }
  }
  return [...files.values()]
}

/** A file that has the pattern for its name is taken at its word. */
async function findFiles(
  pattern: string,
  workingDirectory: string,
  problems: SourceProblems,
): Promise<readonly string[]> {
  if (!PATTERN.test(pattern) || (await isThere(resolve(workingDirectory, pattern)))) return [pattern]
  const found = await glob(pattern, {
    cwd: workingDirectory,
    nodir: true,
  })
  if (found.length === 0) {
    const hint = 'Correct the pattern, or check that the locks are made before this step.'
    problems.add(undefined, `No file matches "${pattern}" in ${workingDirectory}`, hint)
  }
  return found.sort()
}
