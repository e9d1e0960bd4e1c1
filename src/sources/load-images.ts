import { errorsOf, settleAll } from '../concurrency.ts'
import { PromotionError, throwAll } from '../errors.ts'
import type { FoundFile } from '../files/read-text-files.ts'
import type { Digest } from '../oci/digest.ts'
import { inLayout } from '../oci/layout-name.ts'
import { formatReference, isPinned, type Reference, type TaggedReference } from '../oci/reference.ts'
import { SourceProblems } from '../yaml/source-problems.ts'
import { emptyLock } from './empty-lock.ts'
import { entryKey } from './entry-key.ts'
import type { FetchManifest } from './helm-lock-document.ts'
import { imagesLockDocument } from './images-lock-document.ts'
import type { ListImages } from './list-images.ts'
import { readLockFiles } from './lock-files.ts'
import { mergeImages } from './merge-images.ts'
import { readLists } from './read-lists.ts'
import { refuseOtherTerms } from './refuse-other-terms.ts'
import type { ImageDocument, ImageSources, ListedImage, ListedReference, Warn } from './source.ts'

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

/** What registries are asked about lists. */
export interface ListQuestions {
  readonly resolve: ResolveTag
  readonly fetch: FetchManifest
}

const TAGS_AT_A_TIME = 8

/**
 * Reads all entries of all sources, in their order, and asks for each tag once to pin it, with a warning. An entry that another source
 * repeats is merged into the first; one image may have several entries with other annotations (`uniqueImages`). All problems are thrown
 * together, as PromotionErrors of kind `input`, among them a tag that does not exist, an empty list, and a lock that an output would
 * overwrite.
 */
export async function loadImages(sources: ImageSources, ask: ListQuestions, warn: Warn): Promise<LoadedList> {
  const problems = new SourceProblems()
  const files = await readLockFiles(sources.lock, sources.workingDirectory, problems)
  const lists = await readLists(files, sources, problems)
  // Nothing is asked of a registry for a list that is wrong anyway.
  problems.throwIfAny()
  const documents = await settleLists(lists, sources.from, ask, warn)
  const listed = documents.flatMap((document) => document.listed)
  if (listed.length === 0) refuseEmptyList(files)
  const settled = await settleAll(listed, TAGS_AT_A_TIME, (entry) =>
    pin(entry, sources.from, ask.resolve, warn),
  )
  for (const error of errorsOf(settled, (index) => listed[index]?.location)) problems.note(error)
  problems.throwIfAny()
  const pinned = new Map<ListedReference, ListedImage>()
  for (const [index, entry] of listed.entries()) {
    const one = settled[index]
    if (one !== undefined && 'value' in one) pinned.set(entry, one.value)
  }
  refuseOtherTerms(pinned.values(), problems)
  problems.throwIfAny()
  const [only, ...others] = documents
  const document = only !== undefined && others.length === 0 ? only : imagesLockDocument(listed)
  const entries = mergeImages([...pinned.values()], ({ reference, annotations }) =>
    entryKey({ image: formatReference(reference), annotations }),
  )
  return { entries, document, pinned }
}

/** One after the other, so that warnings come in the order of the lists. */
async function settleLists(
  lists: readonly ListImages[],
  from: string | undefined,
  { fetch }: ListQuestions,
  warn: Warn,
): Promise<readonly ImageDocument[]> {
  const documents: ImageDocument[] = []
  for (const list of lists) {
    documents.push(await list((reference) => fetch(whereRead(reference, from)), warn))
  }
  return documents
}

/** Where a reference is looked for. */
function whereRead<R extends Reference>(reference: R, from: string | undefined): R {
  const { repository } = reference
  return { ...reference, repository: from === undefined ? repository : inLayout(from, repository) }
}

function refuseEmptyList(files: readonly FoundFile[]): never {
  throwAll(files.map(({ text, file }) => emptyLock(text, file)))
  throw new PromotionError('internal', 'there is no list of images')
}

async function pin(
  listed: ListedReference,
  from: string | undefined,
  resolve: ResolveTag,
  warn: Warn,
): Promise<ListedImage> {
  const { written } = listed
  const reference = whereRead(listed.reference, from)
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
  return { ...listed, reference: pinned, resolvedTag: reference.tag }
}
