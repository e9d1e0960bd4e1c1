import type { AtomicSignature } from '../oci/atomic-signature.ts'
import type { TagKind } from '../oci/attached-tag.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'

/** How an artifact hangs on its subject: by one of cosign's tags, or as a referrer. */
export type AttachedKind = TagKind | 'referrer'

/** A manifest that says something about another one, its subject. */
export interface AttachedArtifact {
  readonly subject: Digest
  readonly kind: AttachedKind
  readonly manifest: Manifest
}

/** An image and all that belongs to it, as a repository holds it. */
export interface ImageGraph {
  readonly root: Manifest
  /** Every manifest, attached ones too, each behind those it refers to: children before their index, a subject before its referrers. */
  readonly manifests: ReadonlyMap<Digest, Manifest>
  readonly attached: readonly AttachedArtifact[]
  /** GPG signatures of any of the manifests; left out where the registry keeps none. */
  readonly atomic?: readonly AtomicSignature[]
  /** What was found and could not be taken for a part of the image, each as a sentence. */
  readonly warnings: readonly string[]
}
