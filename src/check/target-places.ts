import type { Digest } from '../oci/digest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { SeenImage } from '../plan/look-at-image.ts'
import { demandAt } from '../policy/demand-at.ts'
import type { Demand, VerificationPolicy } from '../policy/policy.ts'
import type { ListedImage } from '../sources/source.ts'

/** A target repository, and what the list says about it. */
export interface TargetPlace {
  readonly repository: RepositoryName
  readonly wanted: ReadonlySet<string>
  readonly listed: ReadonlyMap<Digest, ListedImage>
  /** The first image that is listed for it. */
  readonly first: ListedImage
  /** What the policy demands of the images that are listed for it, each once. */
  readonly demands: readonly Demand[]
}

type OpenPlace = TargetPlace & {
  readonly wanted: Set<string>
  readonly listed: Map<Digest, ListedImage>
  readonly demands: Demand[]
}

/** Every target repository of these images, in their order. Throws as `demandAt` does. */
export function targetPlaces(
  images: readonly SeenImage[],
  policy: VerificationPolicy,
): readonly TargetPlace[] {
  const places = new Map<string, OpenPlace>()
  for (const { image, tags, targets } of images) {
    const demand = demandAt(policy, image.reference)
    for (const { repository } of targets) {
      const key = formatRepository(repository)
      const place = places.get(key) ?? newPlace(repository, image)
      places.set(key, place)
      for (const tag of tags) place.wanted.add(tag)
      place.listed.set(image.reference.digest, image)
      if (!place.demands.some((one) => isSame(one, demand))) place.demands.push(demand)
    }
  }
  return [...places.values()]
}

function newPlace(repository: RepositoryName, first: ListedImage): OpenPlace {
  return { repository, wanted: new Set(), listed: new Map(), first, demands: [] }
}

/** Whether both come from one rule and, where statements have to be about it, are about one repository of the source. */
function isSame(one: Demand, other: Demand): boolean {
  if (one.by === 'nobody' || other.by === 'nobody') return one.by === other.by
  return (
    one.signature === other.signature &&
    one.attestations === other.attestations &&
    one.requireAnnotations === other.requireAnnotations &&
    (one.attestations.length === 0 || formatOrigin(one.origin) === formatOrigin(other.origin))
  )
}

function formatOrigin(origin: RepositoryName | undefined): string {
  return origin === undefined ? '' : formatRepository(origin)
}
