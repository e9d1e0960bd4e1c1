import { throwAll } from '../errors.ts'
import type { TagLists } from '../graph/tag-lists.ts'
import type { BlobQuestions } from '../plan/blob-questions.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import type { ListedImage } from '../sources/source.ts'
import { recordPlan } from './record-plan.ts'
import type { Run } from './run.ts'
import { tellPlan } from './tell-plan.ts'
import { tellUntagged } from './tell-untagged.ts'

/** Looks at sources and targets, decides what has to be done, and records it; throws what speaks against it when that is in the record. */
export async function planImages(
  { settings, services, record }: Run,
  images: readonly ListedImage[],
  questions: BlobQuestions,
  lists?: Pick<TagLists, 'of'>,
): Promise<Plan> {
  const { plan: made, problems } = await makePlan(images, settings, services.registries, questions, lists)
  if (problems.length > 0) recordPlan(record, made)
  throwAll(problems)
  const plan = (await services.artifactory?.planFor(made)) ?? made
  recordPlan(record, plan)
  // A part of a saved plan may well be without tags; of all of it that was told when it was made.
  if (settings.applying === undefined) tellUntagged({ settings, services, record }, plan)
  tellPlan(plan, services.reporter)
  return plan
}
