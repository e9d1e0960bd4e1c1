import { isDeepStrictEqual } from 'node:util'
import { errorsOf, settleAll } from '../concurrency.ts'
import { type FileLocation, PromotionError } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import { formatReference, isPinned, type TaggedReference } from '../oci/reference.ts'
import { parseImagesLock } from './images-lock.ts'
import { readLockFiles } from './lock-files.ts'
import { parseReferenceList } from './reference-list.ts'
import type { ListedImage, ListedReference } from './source.ts'
import { SourceProblems } from './source-problems.ts'

/** Where the images to work on are listed. */
export interface ImageSources {
  /** Paths and globs of ImagesLock files, relative to `workingDirectory`. */
  readonly lock: readonly string[]
  /** References, by tag or digest. */
  readonly images: readonly string[]
  readonly workingDirectory: string
}

/** What a tag points at now; `undefined` means a confirmed 404. */
export type ResolveTag = (reference: TaggedReference) => Promise<Digest | undefined>

type Warn = (message: string, location?: FileLocation) => void

const TAGS_AT_A_TIME = 8

/**
 * Reads all sources, in their order. A tag is resolved once and pinned, with a warning; an image that several sources list is kept
 * once. All problems are thrown together, as PromotionErrors of kind `input`: a tag that does not exist and an empty list are such.
 */
export async function loadImages(
  sources: ImageSources,
  resolve: ResolveTag,
  warn: Warn,
): Promise<readonly ListedImage[]> {
  const problems = new SourceProblems()
  const listed = await readSources(sources, problems)
  // Nothing is asked of a registry for a list that is wrong anyway.
  problems.throwIfAny()
  const pinned = await settleAll(listed, TAGS_AT_A_TIME, (entry) => pin(entry, resolve, warn))
  for (const error of errorsOf(pinned, (index) => listed[index]?.location)) problems.note(error)
  problems.throwIfAny()
  const images = pinned.flatMap((one) => ('value' in one ? [one.value] : []))
  if (images.length > 0) return keepOnce(images, warn)
  throw new PromotionError('input', 'There is no image to work on: the sources list none', {
    hint: 'Check that the lock lists images, or name some in images.',
  })
}

async function readSources(
  { lock, images, workingDirectory }: ImageSources,
  problems: SourceProblems,
): Promise<readonly ListedReference[]> {
  const listed: ListedReference[] = []
  const gather = (read: () => readonly ListedReference[]) => {
    try {
      listed.push(...read())
    } catch (error) {
      problems.note(error)
    }
  }
  for (const { file, text } of await readLockFiles(lock, workingDirectory, problems)) {
    gather(() => parseImagesLock(text, file))
  }
  gather(() => parseReferenceList(images))
  return listed
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
  warn(`"${written}" is a tag, which may move: it is pinned as ${formatReference(pinned)} for this run`)
  return { ...listed, reference: pinned }
}

/** The first entry of each image stands; that a later one says something else about it must not pass in silence. */
function keepOnce(images: readonly ListedImage[], warn: Warn): readonly ListedImage[] {
  const kept = new Map<string, ListedImage>()
  for (const image of images) {
    const name = formatReference(image.reference)
    const first = kept.get(name)
    if (first === undefined) {
      kept.set(name, image)
    } else if (!isDeepStrictEqual(first.annotations, image.annotations)) {
      warn(
        `${name} is listed again with other annotations; those of the first entry are kept`,
        image.location,
      )
    }
  }
  return [...kept.values()]
}
