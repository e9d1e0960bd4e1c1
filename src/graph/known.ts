import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'

type Tags = ReadonlySet<string> | undefined

/** What discovery need not ask for, because it is known. */
export interface Known {
  /** All tags of the repository: one that is not among them does not exist. A list on its way is waited for when a tag is asked for. */
  readonly tags?: Tags | Promise<Tags>
  /** What tags point at, read a moment ago. */
  readonly tagged?: ReadonlyMap<string, Manifest>
  /** Manifests by their digest: the bytes are the same wherever they were read. */
  readonly manifests?: ReadonlyMap<Digest, Manifest>
  /** The only manifests to which anything is attached that is of interest. */
  readonly subjects?: ReadonlySet<Digest>
  /** An index without all of its children is taken as it is, because it is to be completed. */
  readonly mayLackChildren?: boolean
  /** What an index lists is of no interest. */
  readonly alone?: boolean
}
