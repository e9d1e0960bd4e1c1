import { PromotionError } from '../errors.ts'
import { discoverImages } from '../graph/discover-images.ts'
import type { Settings } from '../inputs/settings.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services.ts'
import { signImages } from '../sign/sign-images.ts'
import { readImages } from './read-images.ts'

/** Signs images by digest where they are; what the same key has signed with the same annotations stays as it is. */
export async function sign(settings: Settings, services: Services, record: RunRecord): Promise<void> {
  const { reporter, registries, signer } = services
  if (signer === undefined) throw new PromotionError('internal', 'the command sign was run without a signer')
  const { concurrency } = settings
  const images = await readImages(settings, services)
  record.found = await reporter.step('Find the images', () => discoverImages(images, registries, concurrency))
  record.signed = await reporter.step('Sign', () => signImages(record.found, signer, registries, concurrency))
}
