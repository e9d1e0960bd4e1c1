import type { BlobQuestions } from '../plan/blob-questions.ts'
import type { Plan } from '../plan/plan.ts'
import { type LocationsChange, planLocations } from '../plan/plan-locations.ts'
import { bundlesOf } from './bundles-of.ts'
import { followFound } from './follow-found.ts'
import { planImages } from './plan-images.ts'
import type { ImageList } from './read-images.ts'
import { requireLockTags } from './require-lock-tags.ts'
import type { Run } from './run.ts'

/** A list with all that turned out to belong to it, and what has to be done for it. */
export interface PlannedList extends ImageList {
  readonly plan: Plan
  /** What imgpkg has to be told at the targets about the bundles. */
  readonly locations: readonly LocationsChange[]
}

/** Plans for a list; once more where images of it turn out to be bundles, whose images then belong to it. */
export async function planList(run: Run, list: ImageList, questions: BlobQuestions): Promise<PlannedList> {
  const first = await planImages(run, list.images, questions)
  const whole = await followFound(run, list, first.images)
  const plan = whole === list ? first : await planImages(run, whole.images, questions)
  requireLockTags(run, plan, whole.list)
  const bundles = bundlesOf(whole, plan.images)
  return { ...whole, plan, locations: await planLocations(bundles, run.services.registries) }
}
