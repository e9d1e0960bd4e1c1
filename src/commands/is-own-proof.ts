import type { Services } from '../services/services.ts'
import { satisfiesByItself } from '../sign/own-signature.ts'
import type { ImageSigner } from '../sign/signer.ts'

/** Whether the signature that this run is about to make is itself what the policy demands. */
export async function isOwnProof(signer: ImageSigner, services: Pick<Services, 'policy'>): Promise<boolean> {
  return satisfiesByItself(await signer.identity(), signer.annotations, await services.policy())
}
