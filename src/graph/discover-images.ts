import { runAll } from '../concurrency.ts'
import type { Registries } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import { requireGraph } from './discover-graph.ts'
import type { ImageGraph } from './image-graph.ts'
import { TagLists } from './tag-lists.ts'

/** A listed image with all that its repository holds of it. */
export interface FoundImage {
  readonly image: ListedImage
  readonly graph: ImageGraph
}

/** Discovers all images where they are; the problems of all of them are thrown together. */
export function discoverImages(
  images: readonly ListedImage[],
  registries: Registries,
): Promise<FoundImage[]> {
  const lists = new TagLists(images.length)
  return runAll(
    images.map((image) => ({ image })),
    async ({ image }) => {
      const { repository, digest } = image.reference
      const source = registries.source(repository)
      return { image, graph: await requireGraph(source, digest, { tags: lists.of(source) }) }
    },
  )
}
