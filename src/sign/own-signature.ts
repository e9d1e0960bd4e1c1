import { keyFingerprint } from '../oci/signing-key.ts'
import type { VerificationPolicy } from '../verify/policy.ts'
import type { ImageSigner } from './signer.ts'

/** Whether the signature that the signer is about to make is itself one that satisfies the policy. */
export function satisfiesByItself(signer: ImageSigner, policy: VerificationPolicy): boolean {
  if (policy.by === 'nobody') return true
  const states = Object.entries(policy.requireAnnotations).every(
    ([key, value]) => signer.annotations[key] === value,
  )
  return states && keyFingerprint(signer.publicKey) === keyFingerprint(policy.publicKey)
}
