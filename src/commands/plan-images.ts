import { throwAll } from '../errors.ts'
import type { TagLists } from '../graph/tag-lists.ts'
import type { BlobQuestions } from '../plan/blob-questions.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { costsOf } from '../plan/plan-costs.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'
import { tellNotCarried } from './tell-not-carried.ts'
import { tellUntagged } from './tell-untagged.ts'
import { tellWarnings } from './tell-warnings.ts'

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
  tellWarnings(plan.images, services.reporter)
  tellNotCarried(plan, services.reporter)
  return plan
}

function recordPlan(record: Run['record'], plan: Plan): void {
  record.plan = plan
  record.planned = totalsOf(plan)
  record.found = plan.images
  if (record.command === 'plan') record.costs = costsOf(plan)
}
