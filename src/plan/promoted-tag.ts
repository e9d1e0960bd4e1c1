import type { Digest } from '../oci/digest.ts'
import type { RepositoryName } from '../oci/reference.ts'

/** A tag that a promotion made or moved, in a registry. */
export interface PromotedTag {
  readonly repository: RepositoryName
  readonly tag: string
  /** Where the promotion put it. */
  readonly promoted: Digest
  /** Where it pointed before; undefined where it did not exist. */
  readonly previous: Digest | undefined
}
