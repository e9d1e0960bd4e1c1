import { resolve } from 'node:path'
import { isThere } from '../files/is-there.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { fileKindOf } from '../yaml/file-kind.ts'
import { SourceProblems } from '../yaml/source-problems.ts'

/** As files with lists are called; an image could be called so, too, if there were no such file. */
const FILE = /\.(?:ya?ml|lock)$/i

/** Refuses paths of files among the references that an input lists, which would be asked for as images; all are thrown together, of kind `input`. */
export async function refuseFiles(
  lines: readonly string[],
  input: 'images' | 'bundle',
  workingDirectory: string,
): Promise<void> {
  const problems = new SourceProblems()
  for (const file of lines) {
    if (!FILE.test(file) || !(await isThere(resolve(workingDirectory, file)))) continue
    const found = fileKindOf((await readTextFile(file, workingDirectory)).text)
    problems.add(
      { file },
      `${file} is ${found?.name ?? 'a file'}, and \`${input}\` takes references of images`,
      found === undefined ? 'Write host/path@sha256:… or host/path:tag.' : `Name it in \`${found.input}\`.`,
    )
  }
  problems.throwIfAny()
}
