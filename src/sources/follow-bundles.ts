import { runAll } from '../concurrency.ts'
import type { Registries } from '../registry/repository.ts'
import { type BundleContent, followBundle } from './follow-bundle.ts'
import type { ListedImage } from './source.ts'
import { uniqueImages } from './unique-images.ts'

/**
 * The images with those of all bundles among them that were not followed before, each behind its bundle and once in each place; the problems
 * of all of them are thrown together.
 */
export async function followBundles(
  images: readonly ListedImage[],
  registries: Registries,
): Promise<BundleContent> {
  const contents = await runAll(
    images.map((image) => ({ image })),
    async ({ image }) =>
      image.isBundle === undefined || image.bundle !== undefined
        ? { images: [image], bundles: [] }
        : followBundle(image, registries),
  )
  return {
    images: uniqueImages(contents.flatMap((content) => content.images)),
    bundles: contents.flatMap((content) => content.bundles),
  }
}
