import type { Annotations } from '../oci/descriptor.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { TrustedSigner } from './trusted-signer.ts'

/** Who must have signed which images. */
export interface VerificationPolicy {
  /** The first one whose pattern matches speaks of an image; one that none matches is refused. */
  readonly rules: readonly PolicyRule[]
  /** The policy file, for messages; undefined when the inputs say it all. */
  readonly file: string | undefined
  /** What a list demands of single images of its own, by `formatReference`; it goes before the rules. */
  readonly listed?: ReadonlyMap<string, Demand>
}

/** What is demanded of the images of some repositories. */
export interface PolicyRule {
  /** `host/path` of the source, where `*` stands for one segment or a part of it and `**` for any number of segments. */
  readonly repository: string
  readonly demand: Demand
}

/** What has to be proven of an image. That nobody must have signed is said in so many words, never by leaving something out. */
export type Demand = { readonly by: 'nobody' } | SignedDemand

/** Signatures, attestations, or both. */
export interface SignedDemand {
  readonly by: 'signers'
  /** Who must have signed the image itself; undefined where attestations alone prove it. */
  readonly signature: SignerChoice | undefined
  /** What a signature must state to count. */
  readonly requireAnnotations: Annotations
  readonly attestations: readonly RequiredAttestation[]
  /** Where the image comes from: what a verification summary has to be about. Undefined when it may be about any place. */
  readonly origin?: RepositoryName
}

/** One of these signers, or each of them. */
export interface SignerChoice {
  readonly of: 'any' | 'all'
  readonly signers: readonly TrustedSigner[]
}

/** A signed in-toto statement about the image with this predicate type, an absolute URI. */
export interface RequiredAttestation {
  readonly predicateType: string
  readonly by: SignerChoice
}
