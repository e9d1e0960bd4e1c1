import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Demand } from '../policy/policy.ts'
import type { SourceRepository } from '../registry/repository.ts'

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
  /** What an attestation is about, as its signer wrote it; undefined for a signature of the image itself. */
  readonly predicateType: string | undefined
  /** The image's name in the signed payload, as its signer wrote it, proven as annotations are; left out where it holds none, as bundles do. */
  readonly signedName?: string
  /** The signers of the demand for whom it counts: their names in the policy file, or what identifies them. */
  readonly signers: readonly string[]
}

/** Whether an image satisfies a demand: without a signature or an attestation that counts only if nobody has to have signed. */
export interface Verdict {
  readonly satisfied: boolean
  readonly signatures: readonly SignatureVerdict[]
  /** What is missing, one sentence each; empty when the demand is satisfied. */
  readonly lacking: readonly string[]
  /** Whether a trusted root had a say in it: keys alone need none. */
  readonly asksRoot?: boolean
}

/** Stands in the record for an image that has not been judged. */
export const UNJUDGED: Verdict = { satisfied: false, signatures: [], lacking: [] }

/** Judges the signatures of a graph's root. A signature that does not count is a value; a registry that fails throws. */
export interface SignatureVerifier {
  verify(graph: ImageGraph, repository: SourceRepository, demand: Demand): Promise<Verdict>
}
