import { runAll } from '../concurrency.ts'
import { makeLocationsArtifact } from '../imgpkg/locations-artifact.ts'
import { requireSameLocations } from '../imgpkg/standing-locations.ts'
import { formatReference } from '../oci/reference.ts'
import type { LocationsChange } from '../plan/plan-locations.ts'
import type { Registries } from '../registry/repository.ts'

/**
 * Writes image locations of bundles under the tags by which imgpkg finds them. It takes them for a proof that all images of the bundle are in
 * the repository: nothing is written before all of them have been verified there. Throws a PromotionError of kind `conflict` where others
 * have written something else since the promotion was planned; what was `written` until then, as `host/path:tag`, is known all the same.
 */
export async function writeLocations(
  changes: readonly LocationsChange[],
  registries: Registries,
  written: string[],
): Promise<void> {
  await runAll(
    changes.map((change) => ({ change, image: {} })),
    async ({ change }) => {
      await writeOne(change, registries)
      written.push(formatReference(change))
    },
  )
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
