import { runAll } from '../concurrency.ts'
import { PromotionError, throwAll } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import { couldBeBundle, isBundle } from '../imgpkg/read-bundle.ts'
import { followBundles } from '../sources/follow-bundles.ts'
import type { ListedImage } from '../sources/source.ts'
import { heedImages } from './heed-images.ts'
import type { ImageList } from './read-images.ts'
import type { Run } from './run.ts'

/**
 * The list with what is in the bundles among images that no list called so, each with a notice; the same list where there is none. Only images
 * of the one form that bundles have are asked for their config.
 */
export async function followFound(
  run: Run,
  list: ImageList,
  found: readonly FoundImage[],
): Promise<ImageList> {
  const { registries, reporter } = run.services
  const possible = found.filter(({ image, graph }) => image.bundle === undefined && couldBeBundle(graph.root))
  const answers = await runAll(possible, ({ image, graph }) =>
    isBundle(graph.root, registries.source(image.reference.repository)),
  )
  const bundles = new Set<ListedImage>(possible.filter((_, at) => answers[at]).map(({ image }) => image))
  if (bundles.size === 0) return list
  refuseSigning(bundles, run)
  const marked = list.images.map((image) =>
    bundles.has(image) ? { ...image, isBundle: true as const } : image,
  )
  const content = await followBundles(marked, registries)
  for (const { written } of bundles) {
    reporter.info(`"${written}" is an imgpkg bundle: the images in it belong to the list as well`)
  }
  return {
    ...list,
    bundles: [...list.bundles, ...content.bundles],
    images: await heedImages(run, content.images),
  }
}

/** What is in a bundle may lie in any repository: nobody signs it who has not asked for that bundle. */
function refuseSigning(bundles: ReadonlySet<ListedImage>, { services: { signerOf } }: Run): void {
  throwAll(
    [...bundles]
      .filter((image) => signerOf(image) !== undefined)
      .map(({ written, location }) =>
        new PromotionError(
          'input',
          `"${written}" is an imgpkg bundle, and this run would sign all that is in it`,
          {
            hint: 'Name it in `bundle`, or in a BundleLock, if that is what you mean.',
          },
        ).locatedAt(location),
      ),
  )
}
