import { resolve as resolvePath } from 'node:path'
import type { SourceProblems } from '../yaml/source-problems.ts'
import { bundleLockDocument } from './bundle-lock-document.ts'
import { imagesLockDocument } from './images-lock-document.ts'
import { asRead, type ListImages } from './list-images.ts'
import { readLock } from './read-lock.ts'
import { parseReferenceList } from './reference-list.ts'
import type { ImageDocument, ImageSources, ListedReference, LockFile } from './source.ts'

/** Reads every list that the sources name, in their order; what is wrong with them is noted, and the rest is returned. */
export async function readLists(
  files: readonly LockFile[],
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
  if (bundles.length > 0) await gather(() => asRead(bundlesDocument(parseReferenceList(bundles, 'bundle'))))
  if (images.length > 0) await gather(() => asRead(imagesLockDocument(parseReferenceList(images))))
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
  { file, path }: Pick<LockFile, 'file' | 'path'>,
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

/** A single bundle is what a BundleLock is for; it holds no second one. */
function bundlesDocument(bundles: readonly ListedReference[]): ImageDocument {
  const [only, ...others] = bundles
  return only === undefined || others.length > 0 ? imagesLockDocument(bundles) : bundleLockDocument(only)
}
