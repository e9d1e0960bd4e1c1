import {
  formatReference,
  type PinnedReference,
  parsePinnedReference,
  parseRepositoryName,
  type RepositoryName,
} from '../oci/reference.ts'

const IN_REGISTRY = 'oci://'

/** Whether a place for a plan is a repository; otherwise it is the path of a file. */
export function isInRegistry(place: string): boolean {
  return place.startsWith(IN_REGISTRY)
}

/** The repository that `oci://host/path` names; throws a PromotionError of kind `input`. */
export function repositoryIn(place: string): RepositoryName {
  return parseRepositoryName(place.slice(IN_REGISTRY.length))
}

/** The artifact that `oci://host/path@sha256:…` names; throws a PromotionError of kind `input`. */
export function artifactIn(place: string): PinnedReference {
  return parsePinnedReference(place.slice(IN_REGISTRY.length))
}

/** The place of an artifact, as artifactIn reads it. */
export function placeOf(artifact: PinnedReference): string {
  return `${IN_REGISTRY}${formatReference(artifact)}`
}
