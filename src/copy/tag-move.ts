import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'

/** A tag that is to go from one state to another; undefined stands for a tag that does not exist. */
export interface TagMove {
  readonly repository: RepositoryName
  readonly tag: string
  readonly from: Digest | undefined
  readonly to: Manifest | undefined
  /** It was moved already by an earlier attempt at the same work, and is to be put back with the others. */
  readonly isDone?: true
}

/** A move that may have been made, because the registry was asked to make it. */
export interface BegunMove extends TagMove {
  /** What it has to be put back to; `lost`: the repository does not have that any more. */
  readonly before: Manifest | undefined | 'lost'
  /** What the registry said to it. */
  answer: 'nothing yet' | 'taken' | 'refused'
}

/** `host/path:tag`. */
export function nameOfMove({ repository, tag }: TagMove): string {
  return formatReference({ repository, tag })
}

/** What a tag points at by the bytes behind it: a short answer without them comes from a cache more often. */
export function manifestAt(
  { repository, tag }: TagMove,
  registries: Registries,
): Promise<Manifest | undefined> {
  return registries.target(repository).fetchManifest(tag)
}
