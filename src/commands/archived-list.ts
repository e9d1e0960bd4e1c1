import { PromotionError } from '../errors.ts'
import type { LayoutRegistries } from '../layout/layout-registries.ts'
import type { Digest } from '../oci/digest.ts'
import { LAYOUT_PREFIX } from '../oci/layout-name.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import { emptyLock } from '../sources/empty-lock.ts'
import { lockDocument } from '../sources/lock-document.ts'
import { parseCarvelLock } from '../sources/parse-carvel-lock.ts'
import type { ImageDocument, PinnedListing } from '../sources/source.ts'
import type { Run } from './run.ts'

/**
 * What reads the list in the layout that the images are read from; undefined where they are read from registries. Throws a PromotionError of
 * kind `input` where there is no layout.
 */
export async function archivedList({
  settings: { from },
  services: { layouts },
}: Run): Promise<(() => Promise<ImageDocument>) | undefined> {
  if (from === undefined || layouts === undefined) return undefined
  await layouts.requireThere(from)
  return () => readArchived(from, layouts)
}

/** The list that was written into the layout, or else all images that it calls by a repository's name. */
async function readArchived(from: string, layouts: LayoutRegistries): Promise<ImageDocument> {
  const text = await layouts.readList(from)
  if (text !== undefined) {
    const file = `${from}/images.yml`
    const listed = parseCarvelLock(text, file)
    if (listed.length === 0) throw emptyLock(text, file)
    return lockDocument(await asArchived(listed, from, layouts))
  }
  const named = await layouts.namedImages(from)
  if (named.length === 0) {
    throw new PromotionError(
      'input',
      `${LAYOUT_PREFIX}${from} has no list, and no image in it has a repository's name`,
      {
        hint: 'Name the images in `images`, as host/path@sha256:… with the name under which they are to be judged and promoted.',
      },
    )
  }
  return lockDocument(
    named.map(({ reference, tags }) => ({
      reference,
      written: formatReference(reference),
      annotations: {},
      originTags: tags,
      isSelfNamed: true,
    })),
  )
}

/** With the tags that each image has in the layout, where it has some: those are what it was promoted with. */
async function asArchived(
  listed: readonly PinnedListing[],
  from: string,
  layouts: LayoutRegistries,
): Promise<readonly PinnedListing[]> {
  const repositories = new Map(
    listed.map(({ reference: { repository } }) => [formatRepository(repository), repository]),
  )
  const tagsIn = new Map<string, ReadonlyMap<Digest, readonly string[]>>()
  for (const [name, repository] of repositories) tagsIn.set(name, await layouts.tagsIn(from, repository))
  return listed.map((one) => {
    const { repository, digest } = one.reference
    const tags = tagsIn.get(formatRepository(repository))?.get(digest) ?? []
    return { ...one, originTags: tags.length > 0 ? tags : one.originTags, isSelfNamed: true }
  })
}
