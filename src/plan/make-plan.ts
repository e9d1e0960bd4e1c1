import { runAll } from '../concurrency.ts'
import { imageNotFound } from '../graph/image-not-found.ts'
import { TagLists } from '../graph/tag-lists.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Registries } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import type { AssembledPlan } from './assemble-plan.ts'
import type { BlobQuestions } from './blob-questions.ts'
import { type LookSettings, lookAtImage } from './look-at-image.ts'
import { planLooked } from './plan-looked.ts'

/** What planning has to know of the settings. */
export type PlanSettings = LookSettings & Pick<Settings, 'existingTags'>

/**
 * Looks at sources and targets, writes nothing, and decides what has to be done. What could not be looked at is thrown together: registries
 * that do not answer, images that are not whole. What speaks against applying the plan, such as tags that must not move, comes back with it.
 */
export async function makePlan(
  images: readonly ListedImage[],
  settings: PlanSettings,
  registries: Registries,
  questions: BlobQuestions,
  lists: Pick<TagLists, 'of'> = new TagLists(images.length),
): Promise<AssembledPlan> {
  const looked = await runAll(
    images.map((image) => ({ image })),
    async ({ image }) => {
      const { graph, ...seen } = await lookAtImage(image, settings, registries, { lists })
      if (graph === undefined) throw imageNotFound(image.reference)
      return { ...seen, graph }
    },
  )
  return planLooked(looked, settings, registries, questions)
}
