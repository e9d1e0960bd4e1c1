import { PromotionError } from '../errors.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { areSameLocations, type ImageLocation } from './image-locations.ts'
import { readLocationsArtifact } from './locations-artifact.ts'

/**
 * Makes sure that what stands under the tag of a bundle's image locations says this. Throws a PromotionError of kind `conflict` when it says
 * anything else or cannot be read: imgpkg believes it without looking, and somebody else has written it.
 */
export async function requireSameLocations(
  standing: Manifest,
  locations: readonly ImageLocation[],
  { tag, repository }: { readonly tag: string; readonly repository: SourceRepository },
): Promise<void> {
  const found = await readStanding(standing, repository)
  if (!(found instanceof PromotionError) && areSameLocations(found, locations)) return
  const cause = found instanceof PromotionError ? found : undefined
  const why = cause === undefined ? 'names other images than the bundle' : `cannot be read: ${cause.message}`
  throw new PromotionError('conflict', `${formatReference({ repository: repository.name, tag })} ${why}`, {
    cause,
    hint: 'Find out who wrote it, and delete it if it is wrong: imgpkg believes it without looking.',
  })
}

/** A registry that fails is no word about what stands there. */
async function readStanding(standing: Manifest, repository: SourceRepository) {
  try {
    return await readLocationsArtifact(standing, repository)
  } catch (error) {
    if (error instanceof PromotionError && error.kind === 'input') return error
    throw error
  }
}
