import { runAll } from '../concurrency.ts'
import type { Registries } from '../registry/repository.ts'
import { SourceProblems } from '../yaml/source-problems.ts'
import { type BundleContent, followBundle } from './follow-bundle.ts'
import { refuseOtherTerms } from './refuse-other-terms.ts'
import type { ListedImage } from './source.ts'
import { uniqueImages } from './unique-images.ts'

/**
 * The images with those of all bundles among them that were not followed before, each behind its bundle and once in each place; the problems
 * of all of them are thrown together, among them an image that is listed on other terms than the bundle that brings it in.
 */
export async function followBundles(
  images: readonly ListedImage[],
  registries: Registries,
): Promise<BundleContent> {
  const contents = await runAll(
    images,
    async (image) =>
      image.isBundle === undefined || image.bundle !== undefined
        ? { images: [image], bundles: [] }
        : followBundle(image, registries),
    ({ location }) => location,
  )
  const found = contents.flatMap((content) => content.images)
  const problems = new SourceProblems()
  refuseOtherTerms(found, problems)
  problems.throwIfAny()
  return {
    images: uniqueImages(found),
    bundles: contents.flatMap((content) => content.bundles),
  }
}
