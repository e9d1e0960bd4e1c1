import type { TagLists } from '../graph/tag-lists.ts'
import { type BlobQuestions, makePlan } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'
import { tellWarnings } from './tell-warnings.ts'

/** Looks at sources and targets, decides what has to be done, and records it. */
export async function planImages(
  { settings, services, record }: Run,
  images: readonly ListedImage[],
  questions: BlobQuestions,
  lists?: Pick<TagLists, 'of'>,
): Promise<Plan> {
  const plan = await makePlan(images, settings, services.registries, questions, lists)
  record.plan = plan
  record.planned = totalsOf(plan)
  record.found = plan.images
  tellWarnings(plan.images, services.reporter)
  return plan
}
