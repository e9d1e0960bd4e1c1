import { resolve as resolvePath } from 'node:path'
import { errorsOf, settleAll } from '../concurrency.ts'
import { type FileLocation, PromotionError, throwAll } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import { inLayout } from '../oci/layout-name.ts'
import { formatReference, isPinned, type TaggedReference } from '../oci/reference.ts'
import { SourceProblems } from '../yaml/source-problems.ts'
import { emptyLock } from './empty-lock.ts'
import { entryKey } from './entry-key.ts'
import { parseImagesLock } from './images-lock.ts'
import { imagesLockDocument } from './images-lock-document.ts'
import { type LockFile, readLockFiles } from './lock-files.ts'
import { parseReferenceList } from './reference-list.ts'
import type { ImageDocument, ListedImage, ListedReference } from './source.ts'

/** Where the images to work on are listed. */
export interface ImageSources {
  /** Paths and globs of lists, relative to `workingDirectory`. */
  readonly lock: readonly string[]
  /** References, by tag or digest. */
  readonly images: readonly string[]
  /** The path of the OCI layout that all images are read from; undefined: from their registries. */
  readonly from: string | undefined
  /** Paths of files that the run will write, which must not be among the locks. */
  readonly outputs: readonly string[]
  readonly workingDirectory: string
}

/** All that is listed, pinned. */
export interface LoadedList {
  /** Every entry of all sources, in their order; one image may have several. */
  readonly entries: readonly ListedImage[]
  /** The one document that says it all; with several sources one ImagesLock of all of them. */
  readonly document: ImageDocument
  /** What the entries of the document were pinned to. */
  readonly pinned: ReadonlyMap<ListedReference, ListedImage>
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
): Promise<LoadedList> {
  const problems = new SourceProblems()
  const files = await readLockFiles(sources.lock, sources.workingDirectory, problems)
  for (const file of files) refuseOverwriting(file, sources, problems)
  const documents = readDocuments(files, sources.images, problems)
  // Nothing is asked of a registry for a list that is wrong anyway.
  problems.throwIfAny()
  const listed = documents.flatMap((document) => document.listed)
  if (listed.length === 0) refuseEmptyList(files)
  const settled = await settleAll(listed, TAGS_AT_A_TIME, (entry) => pin(entry, sources.from, resolve, warn))
  for (const error of errorsOf(settled, (index) => listed[index]?.location)) problems.note(error)
  problems.throwIfAny()
  const pinned = new Map<ListedReference, ListedImage>()
  for (const [index, entry] of listed.entries()) {
    const one = settled[index]
    if (one !== undefined && 'value' in one) pinned.set(entry, one.value)
  }
  const [only, ...others] = documents
  const document = only !== undefined && others.length === 0 ? only : imagesLockDocument(listed)
  return { entries: withoutRepetitions([...pinned.values()]), document, pinned }
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

function readDocuments(
  files: readonly LockFile[],
  images: readonly string[],
  problems: SourceProblems,
): readonly ImageDocument[] {
  const documents: ImageDocument[] = []
  const gather = (read: () => ImageDocument) => {
    try {
      documents.push(read())
    } catch (error) {
      problems.note(error)
    }
  }
  for (const { file, text } of files) gather(() => imagesLockDocument(parseImagesLock(text, file)))
  if (images.length > 0) gather(() => imagesLockDocument(parseReferenceList(images)))
  return documents
}

function refuseEmptyList(files: readonly LockFile[]): never {
  throwAll(files.map(({ text, file }) => emptyLock(text, file)))
  throw new PromotionError('input', 'There is no image to work on: no source is given', {
    hint: 'Set `lock` to the path of an ImagesLock, or `images` to a list of references.',
  })
}

async function pin(
  listed: ListedReference,
  from: string | undefined,
  resolve: ResolveTag,
  warn: Warn,
): Promise<ListedImage> {
  const { written } = listed
  const named = listed.reference.repository
  const reference = { ...listed.reference, repository: from === undefined ? named : inLayout(from, named) }
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
