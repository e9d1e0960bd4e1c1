import { attachedTag, TAG_KINDS } from '../oci/attached-tag.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { SourceRepository } from '../registry/repository.ts'

/**
 * What stands under the `.sig`, `.att` and `.sbom` tags of a digest, for a discovery to come: these tags can be asked for before anything
 * is known of the image. Empty where no list says which of them exist.
 */
export async function fetchTaggedArtifacts(
  repository: SourceRepository,
  digest: Digest,
  listing: Promise<ReadonlySet<string> | undefined>,
): Promise<ReadonlyMap<string, Manifest>> {
  const tags = await listing
  const existing = TAG_KINDS.map((kind) => attachedTag(digest, kind)).filter((tag) => tags?.has(tag))
  const found = await Promise.all(
    existing.map(async (tag) => [tag, await repository.fetchManifest(tag)] as const),
  )
  return new Map(found.flatMap(([tag, manifest]) => (manifest === undefined ? [] : [[tag, manifest]])))
}
