import { loadImages } from '../sources/load-images.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'

/** The first step of every command: the image list, each entry pinned. */
export function readImages({ settings, services }: Run): Promise<readonly ListedImage[]> {
  const { reporter, registries, workingDirectory } = services
  return reporter.step('Read the image list', () =>
    loadImages(
      { lock: settings.lock, images: settings.images, workingDirectory },
      async ({ repository, tag }) => (await registries.source(repository).resolve(tag))?.digest,
      (message, location) => reporter.warn(message, location),
    ),
  )
}
