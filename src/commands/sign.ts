import { PromotionError } from '../errors.ts'
import { requireSigned, signImages } from '../sign/sign-images.ts'
import { findImages } from './find-images.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { tellLeftBehind } from './tell-left-behind.ts'

/** Signs images by digest where they are; what the same key has signed with the same annotations stays as it is. */
export async function sign(run: Run): Promise<void> {
  const { services, record } = run
  const { reporter, registries, signer } = services
  if (signer === undefined) throw new PromotionError('internal', 'the command sign was run without a signer')
  const { images } = await reporter.step('Read the image list', () => readImages(run))
  const found = await reporter.step('Find the images', () => findImages(run, images))
  record.signed = await reporter.step('Sign', () => signImages(found, signer, registries))
  tellLeftBehind(run, found)
  requireSigned(record.signed)
}
