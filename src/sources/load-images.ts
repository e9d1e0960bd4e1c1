import { resolve as resolvePath } from 'node:path'
import { errorsOf, settleAll } from '../concurrency.ts'
import { type FileLocation, PromotionError, throwAll } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import { formatReference, isPinned, type TaggedReference } from '../oci/reference.ts'
import { SourceProblems } from '../yaml/source-problems.ts'
import { emptyLock } from './empty-lock.ts'
import { entryKey } from './entry-key.ts'
import { parseImagesLock } from './images-lock.ts'
import { type LockFile, readLockFiles } from './lock-files.ts'
import { parseReferenceList } from './reference-list.ts'
import type { ListedImage, ListedReference } from './source.ts'

/** Where the images to work on are listed. */
export interface ImageSources {
  /** Paths and globs of ImagesLock files, relative to `workingDirectory`. */
  readonly lock: readonly string[]
  /** References, by tag or digest. */
  readonly images: readonly string[]
  /** Paths of files that the run will write, which must not be among the locks. */
  readonly outputs: readonly string[]
  readonly workingDirectory: string
}

/** What a tag points at now; `undefined` means a confirmed 404. */
export type ResolveTag = (reference: TaggedReference) => Promise<Digest | undefined>

type Warn = (message: string, location?: FileLocation) => void

const TAGS_AT_A_TIME = 8

/**
 * Reads all entries of all sources, in their order, and asks for each tag once to pin it, with a warning. An entry that another source
 * repeats is dropped; one image may have several entries with other annotations (`uniqueImages`). All problems are thrown together, as
 * PromotionErrors of kind `input`, among them a tag that does not exist, an empty list, and a lock that an output would overwrite.
 */
export async function loadImages(
  sources: ImageSources,
  resolve: ResolveTag,
  warn: Warn,
): Promise<readonly ListedImage[]> {
  const problems = new SourceProblems()
  const files = await readLockFiles(sources.lock, sources.workingDirectory, problems)
  for (const file of files) refuseOverwriting(file, sources, problems)
  const listed = readSources(files, sources.images, problems)
  // Nothing is asked of a registry for a list that is wrong anyway.
  problems.throwIfAny()
  if (listed.length === 0) refuseEmptyList(files)
  const pinned = await settleAll(listed, TAGS_AT_A_TIME, (entry) => pin(entry, resolve, warn))
  for (const error of errorsOf(pinned, (index) => listed[index]?.location)) problems.note(error)
  problems.throwIfAny()
  return withoutRepetitions(pinned.flatMap((one) => ('value' in one ? [one.value] : [])))
}

function refuseOverwriting(
  { file, path }: LockFile,
  { outputs, workingDirectory }: ImageSources,
  problems: SourceProblems,
): void {
  const written = outputs.map((output) => resolvePath(workingDirectory, output))
  if (!written.includes(path) && !written.includes(resolvePath(workingDirectory, file))) return
  const hint = 'Give `lock-output` a path that `lock` does not name, and that none of its patterns matches.'
  problems.add({ file }, '`lock-output` would overwrite this file, which `lock` names', hint)
}

function readSources(
  files: readonly LockFile[],
  images: readonly string[],
  problems: SourceProblems,
): readonly ListedReference[] {
  const listed: ListedReference[] = []
  const gather = (read: () => readonly ListedReference[]) => {
    try {
      listed.push(...read())
    } catch (error) {
      problems.note(error)
    }
  }
  for (const { file, text } of files) gather(() => parseImagesLock(text, file))
  gather(() => parseReferenceList(images))
  return listed
}

function refuseEmptyList(files: readonly LockFile[]): never {
  throwAll(files.map(({ text, file }) => emptyLock(text, file)))
  throw new PromotionError('input', 'There is no image to work on: no source is given', {
    hint: 'Set `lock` to the path of an ImagesLock, or `images` to a list of references.',
  })
}

async function pin(listed: ListedReference, resolve: ResolveTag, warn: Warn): Promise<ListedImage> {
  const { reference, written } = listed
  if (isPinned(reference)) return { ...listed, reference }
  const digest = await resolve(reference)
  if (digest === undefined) {
    const message = `"${written}" does not exist: the registry has no ${formatReference(reference)}`
    throw new PromotionError('input', message, { hint: 'Correct the reference, or push the image first.' })
  }
  const pinned = { repository: reference.repository, digest }
  const how = written.endsWith(`:${reference.tag}`)
    ? 'is a tag, which may move'
    : `has no tag, so :${reference.tag} is meant`
  warn(`"${written}" ${how}; it was pinned as ${formatReference(pinned)} for this run`)
  return { ...listed, reference: pinned }
}

function withoutRepetitions(entries: readonly ListedImage[]): readonly ListedImage[] {
  const kept = new Map<string, ListedImage>()
  for (const entry of entries) {
    const key = entryKey({ image: formatReference(entry.reference), annotations: entry.annotations })
    if (!kept.has(key)) kept.set(key, entry)
  }
  return [...kept.values()]
}
