import { runAll } from '../concurrency.ts'
import type { FileLocation } from '../errors.ts'
import type { ImageLocation } from '../imgpkg/image-locations.ts'
import { locationsTag } from '../oci/imgpkg-tag.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import type { PlannedImage, PlannedTarget } from './plan.ts'

/** A bundle that is promoted, and what its lock names. */
export interface PlannedBundle {
  readonly planned: Pick<PlannedImage, 'image'> & {
    readonly targets: readonly Pick<PlannedTarget, 'repository'>[]
  }
  readonly locations: readonly ImageLocation[]
}

/** The image locations of a bundle that a target lacks. */
export interface LocationsChange {
  readonly repository: RepositoryName
  readonly tag: string
  readonly locations: readonly ImageLocation[]
  /** Where a list names the bundle. */
  readonly location: FileLocation | undefined
}

/**
 * Which bundles have no image locations at which target: all images of a bundle go to the bundle's own repository there. What stands there
 * and says the same stays as it is; for what says otherwise a PromotionError of kind `conflict` is thrown, all of them together.
 */
export async function planLocations(
  bundles: readonly PlannedBundle[],
  registries: Registries,
): Promise<readonly LocationsChange[]> {
  const wanted = new Map<string, LocationsChange>()
  for (const { planned, locations } of bundles) {
    const { reference, location } = planned.image
    const tag = locationsTag(reference.digest)
    for (const { repository } of planned.targets) {
      wanted.set(formatReference({ repository, tag }), { repository, tag, locations, location })
    }
  }
  const missing = await runAll(
    [...wanted.values()],
    async (change) => ((await stands(change, registries)) ? [] : [change]),
    ({ location }) => location,
  )
  return missing.flat()
}

async function stands(
  { repository, tag, locations }: LocationsChange,
  registries: Registries,
): Promise<boolean> {
  const target = registries.source(repository)
  const standing = await target.fetchManifest(tag)
  if (standing === undefined) return false
  // Loaded when it is needed: most runs meet no bundle.
  const { requireSameLocations } = await import('../imgpkg/standing-locations.ts')
  await requireSameLocations(standing, locations, { tag, repository: target })
  return true
}
