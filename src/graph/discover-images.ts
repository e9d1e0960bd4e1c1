import { runAll } from '../concurrency.ts'
import type { PinnedReference } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import { requireGraph } from './discover-graph.ts'
import type { ImageGraph } from './image-graph.ts'

/** A listed image with all that its repository holds of it. */
export interface FoundImage {
  readonly image: ListedImage
  readonly graph: ImageGraph
}

/** Discovers all images where they are; the problems of all of them are thrown together. */
export function discoverImages(
  images: readonly ListedImage[],
  registries: Registries,
  concurrency: number,
): Promise<FoundImage[]> {
  const listed = images.map((image) => ({ image }))
  return runAll(listed, concurrency, async ({ image }) => ({
    image,
    graph: await graphOf(image.reference, registries),
  }))
}

function graphOf({ repository, digest }: PinnedReference, registries: Registries): Promise<ImageGraph> {
  return requireGraph(registries.source(repository), digest)
}
