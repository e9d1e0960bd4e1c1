import pMap from 'p-map'
import { PromotionError } from '../errors.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { fallbackTag } from '../oci/attached-tag.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { isSubjectItself, MOST_REFERRERS } from '../oci/fallback-index.ts'
import type { Manifest } from '../oci/manifest.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { SourceRepository } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import type { FoundFallback } from './broken-fallback.ts'
import { madeAt } from './made-at.ts'

const QUESTIONS = 8

/**
 * Looks at what stands under the fallback tags of everything that belongs to an image, at one target: an index of referrers that are there, or
 * something else. `tags` are all of the repository's, where they are known. A question without a clear answer throws a RegistryError, and
 * an entry that is there and cannot be read a PromotionError of kind `registry`.
 */
export async function findBrokenFallbacks(
  image: ListedImage,
  source: ImageGraph,
  target: SourceRepository,
  tags: ReadonlySet<string> | undefined,
): Promise<readonly FoundFallback[]> {
  const subjects = [...source.manifests.keys()].filter((subject) => tags?.has(fallbackTag(subject)) !== false)
  const found = await pMap(subjects, (subject) => lookAt(subject, image, source, target), {
    concurrency: QUESTIONS,
  })
  return found.filter((one) => one !== undefined)
}

async function lookAt(
  subject: Digest,
  image: ListedImage,
  source: ImageGraph,
  target: SourceRepository,
): Promise<FoundFallback | undefined> {
  const tag = fallbackTag(subject)
  const standing = await readManifest(tag, target)
  if (standing === undefined) return undefined
  const isReadable = standing !== 'unreadable'
  if (isReadable && isSubjectItself(standing, subject)) return undefined
  const entries = isReadable && standing.kind === 'index' ? standing.children : []
  // More than that are refused wherever a list is read: none could be written that is not.
  if (entries.length > MOST_REFERRERS) return undefined
  const { valid, falseEntries } = await sortEntries(entries, subject, target)
  if (isReadable && standing.kind === 'index' && falseEntries.length === 0) return undefined
  return {
    image,
    repository: target.name,
    tag,
    subject,
    standing: isReadable ? standing : undefined,
    digest: isReadable ? standing.descriptor.digest : await digestUnder(tag, target),
    since: isReadable ? await madeAt(standing, target) : undefined,
    valid,
    falseEntries,
    hidden: await findHidden(subject, source, target, valid),
  }
}

/** What is no manifest at all is `unreadable`; what a registry answers in its place is an error. */
async function readManifest(
  reference: string,
  repository: SourceRepository,
): Promise<Manifest | 'unreadable' | undefined> {
  try {
    return await repository.fetchManifest(reference)
  } catch (error) {
    if (isMalformed(error)) return 'unreadable'
    throw error
  }
}

async function digestUnder(tag: string, repository: SourceRepository): Promise<Digest | undefined> {
  try {
    return (await repository.resolve(tag))?.digest
  } catch (error) {
    // A registry that does not name the digest is asked for the bytes, which cannot be read.
    if (isMalformed(error)) return undefined
    throw error
  }
}

function isMalformed(error: unknown): boolean {
  return error instanceof PromotionError && error.kind === 'registry' && !(error instanceof RegistryError)
}

/**
 * False is what is not there, and what names another subject. One that cannot be read may be a signature that only the target has, and hold for
 * others: it throws, and the list stays.
 */
async function sortEntries(
  entries: readonly Descriptor[],
  subject: Digest,
  target: SourceRepository,
): Promise<{ readonly valid: readonly Descriptor[]; readonly falseEntries: readonly Descriptor[] }> {
  const refers = await pMap(
    entries,
    async ({ digest }) => {
      const manifest = await target.fetchManifest(digest)
      return manifest?.subject?.digest === subject
    },
    { concurrency: QUESTIONS },
  )
  return {
    valid: entries.filter((_, index) => refers[index]),
    falseEntries: entries.filter((_, index) => !refers[index]),
  }
}

async function findHidden(
  subject: Digest,
  { attached }: ImageGraph,
  target: SourceRepository,
  listed: readonly Descriptor[],
): Promise<readonly Manifest[]> {
  const known = new Set(listed.map(({ digest }) => digest))
  const unlisted = attached
    .filter((one) => one.kind === 'referrer' && one.subject === subject)
    .filter(({ manifest }) => !known.has(manifest.descriptor.digest))
    .map(({ manifest }) => manifest)
  const there = await pMap(unlisted, ({ descriptor }) => target.resolve(descriptor.digest), {
    concurrency: QUESTIONS,
  })
  return unlisted.filter((_, index) => there[index] !== undefined)
}
