import type { Annotations } from '../oci/descriptor.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { Demand, VerificationPolicy } from '../policy/policy.ts'
import type { CertificateSigner, TrustedSigner } from '../policy/trusted-signer.ts'

/** Whether a signature by this signer with these annotations is itself one that satisfies the policy, whatever the image. */
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
  if (attestations.length > 0) return false
  const states = Object.entries(requireAnnotations).every(([key, value]) => annotations[key] === value)
  if (!states || signature === undefined) return states
  const counts = signature.signers.map((trusted) => isTrusted(signer, trusted))
  return signature.of === 'any' ? counts.includes(true) : !counts.includes(false)
}

/** Whether what `signer` makes counts as made by `trusted`. */
function isTrusted(signer: TrustedSigner, trusted: TrustedSigner): boolean {
  if (trusted.transparency === 'rekor' && signer.transparency !== 'rekor') return false
  if (trusted.timestamp === 'required' && signer.timestamp !== 'required') return false
  if (signer.by === 'key') {
    return trusted.by === 'key' && keyFingerprint(signer.publicKey) === keyFingerprint(trusted.publicKey)
  }
  return trusted.by === 'certificate' && isCertified(signer, trusted)
}

function isCertified(signer: CertificateSigner, trusted: CertificateSigner): boolean {
  const claims = new Map(Object.entries(signer.workflow))
  return (
    trusted.identity.matches(signer.identity.text) &&
    trusted.issuer.matches(signer.issuer.text) &&
    Object.entries(trusted.workflow).every(([claim, value]) => claims.get(claim) === value)
  )
}
