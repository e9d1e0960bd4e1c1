import type { AttachedArtifact, ImageGraph } from '../graph/image-graph.ts'
import type { AtomicSignature } from '../oci/atomic-signature.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { ListedImage } from '../sources/source.ts'

/** What has to be done, decided in full: applying it decides nothing. */
export interface Plan {
  readonly images: readonly PlannedImage[]
  /** Every blob that some target repository lacks as far as is known, once each. */
  readonly blobs: readonly BlobTransfer[]
}

/** One image, and what each target lacks of it. */
export interface PlannedImage {
  readonly image: ListedImage
  readonly graph: ImageGraph
  readonly targets: readonly PlannedTarget[]
}

export interface PlannedTarget {
  readonly repository: RepositoryName
  /** What the target has of the image, with all that is attached to it there; undefined where it does not have the image. */
  readonly there: ImageGraph | undefined
  /** Manifests to push by digest, in the order of the graph. */
  readonly manifests: readonly Manifest[]
  /** Artifacts whose tag has to be made, or merged with what the target has under it. */
  readonly attachedTags: readonly AttachedTagChange[]
  /** Referrers that the target does not list yet. */
  readonly referrers: readonly Manifest[]
  /** What becomes of the source's GPG signatures; left out where it has none. */
  readonly atomic?: AtomicChange
  readonly tags: readonly TagChange[]
  /** Those among the wanted tags that must not move, so that the plan must not be applied; left out where there are none. */
  readonly refusedTags?: readonly RefusedTag[]
  /** How much of the graph the target has already, and how much it lacks, wherever that will come from. */
  readonly present: Amount
  readonly missing: Amount
}

/** Content by number and size. */
export interface Amount {
  readonly manifests: number
  readonly blobs: number
  readonly bytes: number
}

/** GPG signatures that the target lacks, and those for which its registry has no place. */
export interface AtomicChange {
  readonly missing: readonly AtomicSignature[]
  readonly leftBehind: readonly AtomicSignature[]
}

export interface AttachedTagChange {
  readonly tag: string
  readonly artifact: AttachedArtifact
  readonly action: 'create' | 'merge'
}

/**
 * A tag of the promoted image; `keep`: it points at the image already. `isDone`: so it does, but because an earlier run of the same saved
 * plan was ended among the tags: where the others cannot be moved, it goes back with them. `isSettled`: that run moved all of them, and none goes back.
 */
export type TagChange = { readonly tag: string; readonly isDone?: true; readonly isSettled?: true } & (
  | { readonly action: 'create' | 'keep' }
  | { readonly action: 'move'; readonly previous: Digest }
)

/** A tag that points at another image, and must not move. */
export interface RefusedTag {
  readonly tag: string
  readonly previous: Digest
}

/** One blob on its way: read once from `source`, for all who lack it. */
export interface BlobTransfer {
  readonly blob: Descriptor
  readonly source: RepositoryName
  /**
   * Each with the repository of the same registry from which it can be mounted, if there is one; `isNamed`: a manifest that is there names
   * it, so that it is expected to be there.
   */
  readonly targets: readonly {
    readonly repository: RepositoryName
    readonly isNamed?: true
    readonly mountFrom?: RepositoryName
  }[]
}
