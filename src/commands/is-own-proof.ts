import { demandAt } from '../policy/demand-at.ts'
import type { Services } from '../services/services.ts'
import { satisfiesByItself } from '../sign/own-signature.ts'
import type { ListedImage } from '../sources/source.ts'

/** Whether the signature that this run is about to make on an image is itself what the policy demands of it. */
export async function isOwnProof(
  image: ListedImage,
  { signerOf, policy }: Pick<Services, 'signerOf' | 'policy'>,
): Promise<boolean> {
  const signer = signerOf(image)
  if (signer === undefined) return false
  const demand = demandAt(await policy(), image.reference)
  // A list that says both of one image means the signature that it asks for.
  const isMeant = image.terms?.sign !== undefined && image.terms.verify !== undefined
  return satisfiesByItself(
    await signer.identity(),
    signer.annotations,
    demand,
    isMeant ? 'matching' : 'naming',
  )
}
