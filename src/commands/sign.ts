import { PromotionError } from '../errors.ts'
import { requireSigned, signImages } from '../sign/sign-images.ts'
import { findImages } from './find-images.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { tellLeftBehind } from './tell-left-behind.ts'

/** Signs images by digest where they are; what the same key has signed with the same annotations stays as it is. */
export async function sign(run: Run): Promise<void> {
  const { services, record } = run
  const { reporter, registries, signerOf } = services
  const list = await reporter.step('Read the image list', () => readImages(run))
  if (list.images.every((image) => signerOf(image) === undefined)) {
    const hint = 'Let a service say `x-nerdctl-sign: cosign`, or set `key`, or `sign` to "keyless".'
    throw new PromotionError(
      'input',
      'There is nothing to sign: neither the list nor the inputs say who signs',
      { hint },
    )
  }
  const found = await reporter.step('Find the images', () => findImages(run, list))
  record.signed = await reporter.step('Sign', () => signImages(found, signerOf, registries))
  await services.layouts?.commit()
  tellLeftBehind(run, found)
  requireSigned(record.signed)
}
