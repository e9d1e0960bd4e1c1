import { PromotionError } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import { requireSigned, type SignerOf, signImages } from '../sign/sign-images.ts'
import type { ListedImage } from '../sources/source.ts'
import { findImages } from './find-images.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { tellLeftBehind } from './tell-left-behind.ts'

/** Signs images by digest where they are; what the same key has signed with the same annotations stays as it is. */
export async function sign(run: Run): Promise<void> {
  const { services, record } = run
  const { reporter, registries, signerOf } = services
  const list = await reporter.step('Read the image list', () => readImages(run))
  refuseIdle(list.images, signerOf)
  const found = await reporter.step('Find the images', () => findImages(run, list))
  tellUnsigned(run, found)
  record.signed = await reporter.step('Sign', () => signImages(found, signerOf, registries))
  await services.layouts?.commit()
  tellLeftBehind(run, found)
  requireSigned(record.signed)
}

function refuseIdle(images: readonly ListedImage[], signerOf: SignerOf): void {
  if (images.some((image) => signerOf(image) !== undefined)) return
  const [why, hint] = images.every(isWaived)
    ? [
        'the list says of every image that nobody signs it',
        'Let a service say `x-nerdctl-sign: cosign`, or leave the field out so that the inputs say who signs.',
      ]
    : [
        'neither the list nor the inputs say who signs',
        'Let a service say `x-nerdctl-sign: cosign`, or set `key`, or `sign` to "keyless".',
      ]
  throw new PromotionError('input', `There is nothing to sign: ${why}`, { hint })
}

/** Says of each image that is left as it is why; a list that is silent may have been meant to say something. */
function tellUnsigned({ services }: Run, found: readonly FoundImage[]): void {
  const { reporter, signerOf } = services
  for (const { image } of found) {
    if (signerOf(image) !== undefined) continue
    const unsigned = `"${image.written}" is not signed`
    if (isWaived(image)) reporter.info(`${unsigned}: its list says none`)
    else reporter.warn(`${unsigned}: neither its list nor the inputs say by whom`, image.location)
  }
}

function isWaived({ terms }: ListedImage): boolean {
  return terms?.sign?.by === 'nobody'
}
