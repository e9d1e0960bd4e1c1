import type { Annotations } from '../oci/descriptor.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { Demand, VerificationPolicy } from '../policy/policy.ts'
import type { CertificateSigner, TrustedSigner } from '../policy/trusted-signer.ts'

/**
 * Whether the policy asks for nobody but this signer, so that a signature by it with these annotations is all that can be meant, whatever
 * the image. An expression that happens to match, or a choice of several, asks for somebody else as well: they must have signed before.
 */
export function satisfiesByItself(
  signer: TrustedSigner,
  annotations: Annotations,
  policy: VerificationPolicy,
): boolean {
  return policy.rules.every(({ demand }) => satisfies(signer, annotations, demand))
}

function satisfies(signer: TrustedSigner, annotations: Annotations, demand: Demand): boolean {
  if (demand.by === 'nobody') return true
  const { signature, requireAnnotations, attestations } = demand
  const [wanted, ...others] = signature?.signers ?? []
  if (wanted === undefined || others.length > 0 || attestations.length > 0) return false
  const states = Object.entries(requireAnnotations).every(([key, value]) => annotations[key] === value)
  return states && isExactly(signer, wanted)
}

/** Whether `wanted` is this signer and can be nobody else. */
function isExactly(signer: TrustedSigner, wanted: TrustedSigner): boolean {
  if (wanted.transparency === 'rekor' && signer.transparency !== 'rekor') return false
  if (wanted.timestamp === 'required' && signer.timestamp !== 'required') return false
  if (signer.by === 'key') {
    return wanted.by === 'key' && keyFingerprint(signer.publicKey) === keyFingerprint(wanted.publicKey)
  }
  return wanted.by === 'certificate' && isCertified(signer, wanted)
}

function isCertified(signer: CertificateSigner, { identity, issuer, workflow }: CertificateSigner): boolean {
  const claims = new Map(Object.entries(signer.workflow))
  return (
    [identity, issuer].every(({ kind }) => kind === 'exact') &&
    identity.matches(signer.identity.text) &&
    issuer.matches(signer.issuer.text) &&
    Object.entries(workflow).every(([claim, value]) => claims.get(claim) === value)
  )
}
