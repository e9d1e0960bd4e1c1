import { errorsOf, settleAll, valuesOf } from '../concurrency.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { originTagsOf } from '../oci/origin-tags-of.ts'
import { formatReference, formatRepository, type Reference } from '../oci/reference.ts'
import { replaceScalars } from '../yaml/replace-scalars.ts'
import { SourceProblems } from '../yaml/source-problems.ts'
import type { HelmImage } from './helm-lock.ts'
import type { ImageDocument, ImagePlace, ListedReference, Warn } from './source.ts'

/** What stands under a reference now; `undefined` means a confirmed 404. */
export type FetchManifest = (reference: Reference) => Promise<Manifest | undefined>

const AT_A_TIME = 8
/** Marks what docker's builder keeps in an index beside the images (BuildKit, "Image attestation storage"). */
const BESIDE_IMAGES = 'vnd.docker.reference.type'

/**
 * What of an `Images.lock` is promoted: an image's name when the index there holds every digest that is listed, or is the only one of them; its
 * signatures are on it. Otherwise each of the digests by itself, with a warning, and without a tag: none of them is what the tag names.
 */
export async function resolveHelmLock(
  { images, text }: { readonly images: readonly HelmImage[]; readonly text: string },
  fetch: FetchManifest,
  warn: Warn,
): Promise<ImageDocument> {
  const found = new Map<string, Promise<Manifest | undefined>>()
  const fetchOnce = (reference: Reference) => {
    const name = formatReference(reference)
    const asked = found.get(name) ?? fetch(reference)
    found.set(name, asked)
    return asked
  }
  const settled = await settleAll(images, AT_A_TIME, async (image) => ({
    image,
    listed: listImage(image, await fetchOnce(image.reference), warn),
  }))
  const problems = new SourceProblems()
  for (const error of errorsOf(settled, (index) => images[index]?.node.location)) problems.note(error)
  problems.throwIfAny()
  const resolved = valuesOf(settled)
  return {
    listed: resolved.flatMap(({ listed }) => listed),
    needsTags: true,
    rewrite: (placeOf) => {
      const names = resolved.flatMap(({ image, listed: [first] }) =>
        first === undefined ? [] : [[image.node, nameAt(placeOf(first))] as const],
      )
      return replaceScalars(text, new Map(names))
    },
  }
}

/** With a tag, by which the chart's own tools look for the digests; with its digest where there never was one. */
function nameAt({ reference, tag }: ImagePlace): string {
  const { repository } = reference
  return formatReference(tag === undefined ? reference : { repository, tag })
}

function listImage(image: HelmImage, manifest: Manifest | undefined, warn: Warn): readonly ListedReference[] {
  const { written, reference, digests, node } = image
  const { repository } = reference
  const listed = { written, annotations: {}, location: node.location }
  if (manifest !== undefined && holdsAll(manifest, digests)) {
    const others = imagesIn(manifest).filter((digest) => !digests.includes(digest))
    const { digest } = manifest.descriptor
    if (others.length > 0) {
      warn(
        `"${written}" is promoted as ${digest}, which holds ${others.length} more than the lock lists`,
        node.location,
      )
    }
    return [{ ...listed, reference: { repository, digest }, originTags: originTagsOf(reference, written) }]
  }
  const why =
    manifest === undefined ? 'does not exist any more' : 'does not hold what the lock lists any more'
  const each = `each digest is promoted by itself from ${formatRepository(repository)}, without what is signed on "${written}"`
  warn(`"${written}" ${why}: ${each}`, node.location)
  const lost = { ...listed, originTags: [], isTagLost: true } as const
  return digests.map((digest) => ({ ...lost, reference: { repository, digest } }))
}

function holdsAll(manifest: Manifest, digests: readonly Digest[]): boolean {
  const held = imagesIn(manifest)
  return digests.every((digest) => held.includes(digest))
}

function imagesIn(manifest: Manifest): readonly Digest[] {
  if (manifest.kind === 'image') return [manifest.descriptor.digest]
  return manifest.children
    .filter(({ annotations }) => annotations?.[BESIDE_IMAGES] === undefined)
    .map(({ digest }) => digest)
}
