import { resolve as resolvePath } from 'node:path'
import type { FoundFile } from '../files/read-text-files.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'
import { asRead, type ListImages } from './list-images.ts'
import { lockDocument } from './lock-document.ts'
import { readLock } from './read-lock.ts'
import { parseReferenceList } from './reference-list.ts'
import { refuseFiles } from './refuse-files.ts'
import type { ImageSources } from './source.ts'

/** Reads every list that the sources name, in their order; what is wrong with them is noted, and the rest is returned. */
export async function readLists(
  files: readonly FoundFile[],
  sources: ImageSources,
  problems: SourceProblems,
): Promise<readonly ListImages[]> {
  const { archived, lock, bundles, images, compose } = sources
  for (const file of files) refuseOverwriting(file, 'lock', sources, problems)
  const lists: ListImages[] = []
  const gather = async (read: () => ListImages | Promise<ListImages>) => {
    try {
      lists.push(await read())
    } catch (error) {
      problems.note(error)
    }
  }
  const isListed = compose !== undefined || [lock, bundles, images].some((list) => list.length > 0)
  if (archived !== undefined && !isListed) await gather(async () => asRead(await archived()))
  for (const { file, text } of files) await gather(() => readLock(text, file))
  for (const [input, lines] of [
    ['bundle', bundles],
    ['images', images],
  ] as const) {
    if (lines.length === 0) continue
    await gather(async () => {
      await refuseFiles(lines, input, sources.workingDirectory)
      return asRead(lockDocument(parseReferenceList(lines, input)))
    })
  }
  if (compose !== undefined) {
    await gather(async () => {
      const document = await compose()
      for (const file of document.files) refuseOverwriting(file, 'compose', sources, problems)
      return asRead(document)
    })
  }
  return lists
}

function refuseOverwriting(
  { file, path }: Pick<FoundFile, 'file' | 'path'>,
  input: 'lock' | 'compose',
  { outputs, workingDirectory }: ImageSources,
  problems: SourceProblems,
): void {
  const written = outputs.map((output) => resolvePath(workingDirectory, output))
  if (!written.includes(path) && !written.includes(resolvePath(workingDirectory, file))) return
  const hint =
    input === 'lock'
      ? 'Give `lock-output` a path that `lock` does not name, and that none of its patterns matches.'
      : 'Give `lock-output` the path of another file.'
  const verb = input === 'lock' ? 'names' : 'reads'
  problems.add({ file }, `\`lock-output\` would overwrite this file, which \`${input}\` ${verb}`, hint)
}
