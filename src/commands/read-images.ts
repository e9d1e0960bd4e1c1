import { type LoadedList, loadImages } from '../sources/load-images.ts'
import type { ListedImage } from '../sources/source.ts'
import { uniqueImages } from '../sources/unique-images.ts'
import { nameForTarget } from './name-for-target.ts'
import type { Run } from './run.ts'
import { lockPaths } from './write-locks.ts'

/** What the sources list: every entry, for the rewritten lock, and each image once, to work on. */
export interface ImageList {
  readonly list: LoadedList
  readonly images: readonly ListedImage[]
}

/** Reads what the sources list, each entry pinned. */
export async function readImages({ settings, services }: Run): Promise<ImageList> {
  const { reporter, registries, workingDirectory } = services
  const { lock, images, from } = settings
  const list = await loadImages(
    { lock, images, from, outputs: lockPaths(settings), workingDirectory },
    async ({ repository, tag }) => (await registries.source(repository).resolve(tag))?.digest,
    (message, location) => reporter.warn(message, location),
  )
  return { list, images: nameForTarget(uniqueImages(list.entries), settings) }
}
