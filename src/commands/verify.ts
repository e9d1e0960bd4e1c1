import { discoverImages } from '../graph/discover-images.ts'
import type { Settings } from '../inputs/settings.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services.ts'
import { readImages } from './read-images.ts'
import { verifySources } from './verify-sources.ts'

/** Judges images where they are; fails when one does not satisfy the policy. */
export async function verify(settings: Settings, services: Services, record: RunRecord): Promise<void> {
  const { reporter, registries } = services
  const images = await readImages(settings, services)
  record.found = await reporter.step('Find the images', () =>
    discoverImages(images, registries, settings.concurrency),
  )
  await reporter.step('Verify', () => verifySources(record.found, settings, services, record))
}
