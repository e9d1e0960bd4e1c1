import { discoverImages, type FoundImage } from '../graph/discover-images.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'
import { tellWarnings } from './tell-warnings.ts'

/** Discovers images where they are, with all that belongs to them, and records them. */
export async function findImages(
  { services, record }: Run,
  images: readonly ListedImage[],
): Promise<readonly FoundImage[]> {
  record.found = await discoverImages(images, services.registries)
  tellWarnings(record.found, services.reporter)
  return record.found
}
