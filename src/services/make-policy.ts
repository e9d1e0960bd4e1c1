import { PromotionError } from '../errors.ts'
import { nameOfKey, readKey } from '../inputs/read-key.ts'
import type { VerificationSettings } from '../inputs/settings.ts'
import { forEveryImage, keySigner, signedBy } from '../policy/make-demand.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import { parsePublicKey } from '../policy/public-key.ts'
import type { RunSigner } from '../sign/signer.ts'

/** Makes the policy that the settings ask for. Throws PromotionErrors of kind `input` for keys and files that cannot be used. */
export async function makePolicy(
  verification: VerificationSettings,
  signer: RunSigner | undefined,
): Promise<VerificationPolicy> {
  switch (verification.by) {
    case 'nobody':
      return forEveryImage({ by: 'nobody' })
    case 'key': {
      const { publicKey, requireAnnotations } = verification
      if ('uri' in publicKey) throw new PromotionError('internal', 'remote keys are not read yet')
      const key = parsePublicKey(await readKey(publicKey), nameOfKey(publicKey))
      return forEveryImage(signedBy(keySigner(key), requireAnnotations))
    }
    case 'signer':
      if (signer === undefined)
        throw new PromotionError('internal', 'the policy is the signer, and there is none')
      return forEveryImage(signedBy(await signer.identity(), verification.requireAnnotations))
    default:
      throw new PromotionError('internal', `${verification.by} is not supported yet`)
  }
}
