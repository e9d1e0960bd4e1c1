import { PromotionError } from '../errors.ts'
import {
  formatReference,
  isPinned,
  type PinnedReference,
  parseReference,
  parseRepositoryName,
  type RepositoryName,
} from './reference.ts'

const IN_REGISTRY = 'oci://'

/** Whether a place for a plan is in a registry; otherwise it is the path of a file. */
export function isArtifactPlace(place: string): boolean {
  return place.startsWith(IN_REGISTRY)
}

/** The repository that `oci://host/path` names; throws a PromotionError of kind `input`. */
export function repositoryIn(place: string): RepositoryName {
  return parseRepositoryName(place.slice(IN_REGISTRY.length), place)
}

/** The artifact that `oci://host/path@sha256:…` names; throws a PromotionError of kind `input`. */
export function artifactIn(place: string): PinnedReference {
  const reference = parseReference(place.slice(IN_REGISTRY.length))
  if (isPinned(reference)) return reference
  throw new PromotionError('input', `The place "${place}" of a plan has no digest`, {
    hint: 'Write oci://host/path@sha256:…, as the output `plan` of the run that made it says.',
  })
}

/** The place of an artifact, as artifactIn reads it. */
export function placeOf(artifact: PinnedReference): string {
  return `${IN_REGISTRY}${formatReference(artifact)}`
}
