import { errorsOf, IMAGES_AT_A_TIME, settleAll, valuesOf } from '../concurrency.ts'
import type { PromotionError } from '../errors.ts'
import { discoverGraph } from '../graph/discover-graph.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import { isLayout } from '../oci/layout-name.ts'
import { destinationsOf } from '../plan/destination.ts'
import type { Looking } from '../plan/look-at-image.ts'
import type { FoundFallback } from '../repair/broken-fallback.ts'
import { findBrokenFallbacks } from '../repair/find-broken-fallbacks.ts'
import { mayBeFallback } from '../repair/may-be-fallback.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'
import type { SeenImages } from './see-images.ts'

/** An image at whose targets something is wrong with fallback tags, as its source has it. */
export interface ImageWithFallbacks extends FoundImage {
  readonly fallbacks: readonly FoundFallback[]
}

/** What was found, and why some images remain unseen. */
export interface FoundFallbacks {
  readonly images: readonly ImageWithFallbacks[]
  readonly errors: readonly PromotionError[]
}

/**
 * Looks for fallback tags that do not list referrers as they should, of those images only where something came up: that could not be looked at, or
 * of which a target lists what is not so.
 */
export async function findFallbacks(
  run: Run,
  { images, unseen }: SeenImages,
  { lists }: Pick<Looking, 'lists'>,
): Promise<FoundFallbacks> {
  const warned = images.flatMap(({ image, graph, targets }) =>
    graph !== undefined && targets.some(({ state }) => state.graph?.warnings.length)
      ? [{ image, graph }]
      : [],
  )
  const look = async (one: FoundImage) => ({ ...one, fallbacks: await findAtTargets(run, one, lists) })
  const hidden = await settleAll(
    unseen.filter(({ error }) => mayBeFallback(error)),
    IMAGES_AT_A_TIME,
    async ({ image }) => {
      const graph = await discoverAtSource(run, image, lists)
      return graph && look({ image, graph })
    },
  )
  const seen = await settleAll(warned, IMAGES_AT_A_TIME, look)
  const found = [...valuesOf(hidden).filter((one) => one !== undefined), ...valuesOf(seen)]
  const explained = new Set(found.filter(({ fallbacks }) => fallbacks.length > 0).map(({ image }) => image))
  return {
    images: found.filter(({ image }) => explained.has(image)),
    errors: [
      ...unseen.filter(({ image }) => !explained.has(image)).map(({ error }) => error),
      // Those of `hidden` say no more than why the image could not be seen.
      ...errorsOf(seen, (index) => warned[index]?.image.location),
    ],
  }
}

function discoverAtSource({ services }: Run, { reference }: ListedImage, lists: Looking['lists']) {
  const source = services.registries.source(reference.repository)
  return discoverGraph(source, reference.digest, { tags: lists.of(source) })
}

async function findAtTargets(
  { settings, services }: Run,
  { image, graph }: FoundImage,
  lists: Looking['lists'],
): Promise<readonly FoundFallback[]> {
  const { repository } = image.bundle?.root ?? image.reference
  const names = destinationsOf(settings.to, repository).filter((name) => !isLayout(name))
  const found = await Promise.all(
    names.map(async (name) => {
      const target = services.registries.target(name)
      return findBrokenFallbacks(image, graph, target, await lists.of(target))
    }),
  )
  return found.flat()
}
