import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { SourceRepository } from '../registry/repository.ts'
import type { VerificationPolicy } from './policy.ts'

/** The two forms in which cosign attaches a signature: a Sigstore bundle as a referrer, or a layer under the `.sig` tag. */
export type SignatureForm = 'bundle' | 'tag'

/** One signature that was found, and why it counts or does not. */
export interface SignatureVerdict {
  readonly form: SignatureForm
  /** The digest of the manifest that holds it. */
  readonly manifest: Digest
  readonly counts: boolean
  /** One sentence: who signed it, or why it does not count. */
  readonly reason: string
  /** What the signature states; only a signature that counts has been proven to state it. */
  readonly annotations: Annotations
}

/** Whether an image satisfies a policy: one that names a key only by a signature that counts, one that names nobody always. */
export interface Verdict {
  readonly satisfied: boolean
  readonly signatures: readonly SignatureVerdict[]
}

/** Judges the signatures of a graph's root. A signature that does not count is a value; a registry that fails throws. */
export interface SignatureVerifier {
  verify(graph: ImageGraph, repository: SourceRepository, policy: VerificationPolicy): Promise<Verdict>
}
