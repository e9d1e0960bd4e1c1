import { runAll } from '../concurrency.ts'
import { throwAll } from '../errors.ts'
import { discoverImages } from '../graph/discover-images.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Registries } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import { assemblePlan } from './assemble-plan.ts'
import { destinationsOf } from './destination.ts'
import { lookAtTarget } from './look-at-target.ts'
import type { Plan } from './plan.ts'

/** What planning has to know of the settings. */
export type PlanSettings = Pick<Settings, 'to' | 'tags' | 'existingTags' | 'concurrency'>

/**
 * Looks at sources and targets, writes nothing, and decides what has to be done. All problems are thrown together: registries that do
 * not answer, images that are not whole, tags that must not move.
 */
export async function makePlan(
  images: readonly ListedImage[],
  settings: PlanSettings,
  registries: Registries,
): Promise<Plan> {
  const found = await discoverImages(images, registries, settings.concurrency)
  const looked = await runAll(found, settings.concurrency, async ({ image, graph }) => ({
    image,
    graph,
    targets: await Promise.all(
      destinationsOf(settings.to, image.reference.repository).map(async (repository) => ({
        repository,
        state: await lookAtTarget(graph, registries.target(repository), settings.tags),
      })),
    ),
  }))
  const { plan, problems } = assemblePlan(looked, settings)
  throwAll(problems)
  return plan
}
