import { discoverImages, type FoundImage } from '../graph/discover-images.ts'
import { followFound } from './follow-found.ts'
import type { ImageList } from './read-images.ts'
import type { Run } from './run.ts'
import { tellWarnings } from './tell-warnings.ts'

/** Discovers the images of a list where they are, with all that belongs to them and those of bundles among them, and records them. */
export async function findImages(run: Run, list: ImageList): Promise<readonly FoundImage[]> {
  const { services, record } = run
  const found = await discoverImages(list.images, services.registries)
  const whole = await followFound(run, list, found)
  record.found = whole === list ? found : await discoverImages(whole.images, services.registries)
  tellWarnings(record.found, services.reporter)
  return record.found
}
