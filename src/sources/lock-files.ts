import { type FoundFile, readTextFiles } from '../files/read-text-files.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'

/**
 * Reads the files that paths and glob patterns name, in the order given and each once; a pattern's files come sorted. Only regular
 * UTF-8 files of at most 2 MiB are read; a symbolic link must end inside the working directory. What cannot be read goes to
 * `problems`, and the rest is returned; a pattern that finds nothing is a problem too.
 */
export function readLockFiles(
  patterns: readonly string[],
  workingDirectory: string,
  problems: SourceProblems,
): Promise<readonly FoundFile[]> {
  const search = {
    workingDirectory,
    hint: 'Correct the pattern, or check that the locks are made before this step.',
    note: (problem: unknown) => problems.note(problem),
  }
  return readTextFiles(patterns, search, (found) => found)
}
