import { PromotionError } from '../errors.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { nameOfKey } from './read-key.ts'
import type { VerificationSettings } from './settings.ts'

/** Who has to have signed, for reports. */
export interface PolicyInWords {
  readonly by: 'nobody' | 'key'
  /** The path or the `env://` name of the public key; left out when the policy is the run's own signer. */
  readonly key?: string
  readonly requireAnnotations: Annotations
}

/** A policy in the words of the inputs; a run that is its own signer has no public key to name. */
export function policyInWords(verification: VerificationSettings): PolicyInWords {
  if (verification.by === 'nobody') return { by: 'nobody', requireAnnotations: {} }
  if (verification.by === 'policy' || verification.by === 'certificate') {
    throw new PromotionError('internal', 'not yet')
  }
  const { requireAnnotations } = verification
  if (verification.by === 'signer') return { by: 'key', requireAnnotations }
  return { by: 'key', key: nameOfKey(verification.publicKey), requireAnnotations }
}
