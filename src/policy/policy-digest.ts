import type { Annotations } from '../oci/descriptor.ts'
import { type Digest, digestOf } from '../oci/digest.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { Demand, SignerChoice, VerificationPolicy } from './policy.ts'
import type { TrustedSigner } from './trusted-signer.ts'

/** Names what a policy demands, keys by their fingerprints: the sha256 of its rules as JSON, wherever they were written. */
export function policyDigest({ rules, listed = new Map() }: VerificationPolicy): Digest {
  const plain = [
    ...rules.map(({ repository, demand }) => ({ repository, ...plainDemand(demand) })),
    ...sorted(listed).map(([image, demand]) => ({ image, ...plainDemand(demand) })),
  ]
  return digestOf(Buffer.from(JSON.stringify(plain)))
}

/** Names a signer, and what its signatures state. */
export function signerDigest(signer: TrustedSigner, annotations: Annotations): Digest {
  const sorted = Object.entries(annotations).sort(([one], [other]) => (one < other ? -1 : 1))
  return digestOf(JSON.stringify({ signer: plainSigner(signer), annotations: sorted }))
}

/** Lists are read in no order to speak of. */
function sorted(listed: ReadonlyMap<string, Demand>): readonly (readonly [string, Demand])[] {
  return [...listed].sort(([one], [other]) => (one < other ? -1 : 1))
}

function plainDemand(demand: Demand) {
  if (demand.by === 'nobody') return { by: demand.by }
  return {
    by: demand.by,
    signature: demand.signature && plainChoice(demand.signature),
    requireAnnotations: demand.requireAnnotations,
    attestations: demand.attestations.map(({ predicateType, by }) => ({
      predicateType,
      by: plainChoice(by),
    })),
  }
}

function plainChoice({ of, signers }: SignerChoice) {
  return { of, signers: signers.map(plainSigner) }
}

function plainSigner(signer: TrustedSigner) {
  const { transparency, timestamp } = signer
  const who =
    signer.by === 'key'
      ? { key: keyFingerprint(signer.publicKey) }
      : { identity: signer.identity, issuer: signer.issuer, workflow: signer.workflow }
  return { ...who, transparency, timestamp }
}
