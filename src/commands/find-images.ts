import { discoverImages, type FoundImage } from '../graph/discover-images.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'
import { tellWarnings } from './tell-warnings.ts'

/** The step that discovers images where they are, with all that belongs to them, and records them. */
export function findImages(
  { settings, services, record }: Run,
  images: readonly ListedImage[],
): Promise<readonly FoundImage[]> {
  const { reporter, registries } = services
  return reporter.step('Find the images', async () => {
    record.found = await discoverImages(images, registries, settings.concurrency)
    tellWarnings(record.found, reporter)
    return record.found
  })
}
