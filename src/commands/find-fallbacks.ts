import { errorsOf, IMAGES_AT_A_TIME, settleAll } from '../concurrency.ts'
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
  const hidden = unseen.filter(({ error }) => mayBeFallback(error))
  const suspects = [...hidden.map(({ image }) => ({ image, graph: undefined })), ...warned]
  const settled = await settleAll(suspects, IMAGES_AT_A_TIME, async ({ image, graph }) => {
    const found = graph ?? (await discoverAtSource(run, image, lists))
    if (found === undefined) return undefined
    return {
      image,
      graph: found,
      fallbacks: await findAtTargets(run, { image, graph: found }, lists),
    }
  })
  const found = settled.flatMap((one) => ('value' in one && one.value !== undefined ? [one.value] : []))
  const explained = new Set(found.filter(({ fallbacks }) => fallbacks.length > 0).map(({ image }) => image))
  return {
    images: found.filter(({ image }) => explained.has(image)),
    errors: [
      ...unseen.filter(({ image }) => !explained.has(image)).map(({ error }) => error),
      ...errorsOf(settled.slice(hidden.length), (index) => warned[index]?.image.location),
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
