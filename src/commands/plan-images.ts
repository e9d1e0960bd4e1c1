import type { TagLists } from '../graph/tag-lists.ts'
import { type BlobQuestions, makePlan } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'
import { tellNotCarried } from './tell-not-carried.ts'
import { tellUntagged } from './tell-untagged.ts'
import { tellWarnings } from './tell-warnings.ts'

/** Looks at sources and targets, decides what has to be done, and records it. */
export async function planImages(
  { settings, services, record }: Run,
  images: readonly ListedImage[],
  questions: BlobQuestions,
  lists?: Pick<TagLists, 'of'>,
): Promise<Plan> {
  const made = await makePlan(images, settings, services.registries, questions, lists)
  const plan = (await services.artifactory?.planFor(made)) ?? made
  record.plan = plan
  record.planned = totalsOf(plan)
  record.found = plan.images
  tellUntagged({ settings, services, record }, plan)
  tellWarnings(plan.images, services.reporter)
  tellNotCarried(plan, services.reporter)
  return plan
}
