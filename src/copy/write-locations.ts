import { errorsOf, IMAGES_AT_A_TIME, settleAll, valuesOf } from '../concurrency.ts'
import type { PromotionError } from '../errors.ts'
import { makeLocationsArtifact } from '../imgpkg/locations-artifact.ts'
import { requireSameLocations } from '../imgpkg/standing-locations.ts'
import { formatReference } from '../oci/reference.ts'
import type { LocationsChange } from '../plan/plan-locations.ts'
import type { Registries } from '../registry/repository.ts'

/** The image locations that were written, as `host/path:tag`, and why not all of them were. */
export interface LocationsOutcome {
  readonly written: readonly string[]
  readonly errors: readonly PromotionError[]
}

/**
 * Writes image locations of bundles under the tags by which imgpkg finds them. It takes them for a proof that all images of the bundle are in
 * the repository: nothing is written before all of them have been verified there. A PromotionError of kind `conflict` is among the errors where
 * others have written something else since the promotion was planned.
 */
export async function writeLocations(
  changes: readonly LocationsChange[],
  registries: Registries,
): Promise<LocationsOutcome> {
  const settled = await settleAll(changes, IMAGES_AT_A_TIME, async (change) => {
    await writeOne(change, registries)
    return formatReference(change)
  })
  return {
    written: valuesOf(settled),
    errors: errorsOf(settled, (index) => changes[index]?.location),
  }
}

async function writeOne(
  { repository, tag, locations }: LocationsChange,
  registries: Registries,
): Promise<void> {
  const target = registries.target(repository)
  const { manifest, blobs } = await makeLocationsArtifact(locations)
  for (const { descriptor, bytes } of blobs) await target.pushBlob(descriptor, bytes)
  await target.mergeTag(tag, async (current) => {
    if (current === undefined) return manifest
    await requireSameLocations(current, locations, { tag, repository: target })
    return undefined
  })
}
