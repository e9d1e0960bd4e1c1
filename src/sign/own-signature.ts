import type { Annotations } from '../oci/descriptor.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { Demand } from '../policy/policy.ts'
import type { CertificateSigner, TrustedSigner } from '../policy/trusted-signer.ts'

/**
 * Whether nobody but this signer is asked for, so that a signature by it with these annotations is all that can be meant. A choice of several
 * asks for somebody else as well, who must have signed before; so does an expression that happens to match, except where whoever wrote it
 * means the signature to be made (`matching` is enough).
 */
export function satisfiesByItself(
  signer: TrustedSigner,
  annotations: Annotations,
  demand: Demand,
  enough: Enough = 'naming',
): boolean {
  if (demand.by === 'nobody') return true
  const { signature, requireAnnotations, attestations } = demand
  const [wanted, ...others] = signature?.signers ?? []
  if (wanted === undefined || others.length > 0 || attestations.length > 0) return false
  const states = Object.entries(requireAnnotations).every(([key, value]) => annotations[key] === value)
  return states && isSigner(signer, wanted, enough)
}

type Enough = 'naming' | 'matching'

function isSigner(signer: TrustedSigner, wanted: TrustedSigner, enough: Enough): boolean {
  if (wanted.transparency === 'rekor' && signer.transparency !== 'rekor') return false
  if (wanted.timestamp === 'required' && signer.timestamp !== 'required') return false
  if (signer.by === 'key') {
    return wanted.by === 'key' && keyFingerprint(signer.publicKey) === keyFingerprint(wanted.publicKey)
  }
  if (wanted.by !== 'certificate' || !isCertified(signer, wanted)) return false
  return enough === 'matching' || [wanted.identity, wanted.issuer].every(({ kind }) => kind === 'exact')
}

function isCertified(signer: CertificateSigner, { identity, issuer, workflow }: CertificateSigner): boolean {
  const claims = new Map(Object.entries(signer.workflow))
  return (
    identity.matches(signer.identity.text) &&
    issuer.matches(signer.issuer.text) &&
    Object.entries(workflow).every(([claim, value]) => claims.get(claim) === value)
  )
}
