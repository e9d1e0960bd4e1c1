import type { Registries } from '../registry/repository.ts'
import { type AssembledPlan, assemblePlan, type LookedAtImage } from './assemble-plan.ts'
import { askForBlobs, blobsOfTargets, HeldBlobs } from './held-blobs.ts'
import type { BlobQuestions, PlanSettings } from './make-plan.ts'

/** Decides what has to be done for images that were looked at, once targets were asked for their blobs. */
export async function planLooked(
  looked: readonly LookedAtImage[],
  settings: Pick<PlanSettings, 'existingTags'>,
  registries: Registries,
  questions: BlobQuestions,
): Promise<AssembledPlan> {
  const held = questions === 'ask for every blob' ? new HeldBlobs() : blobsOfTargets(looked)
  if (questions !== 'ask while uploading') await askForBlobs(looked, held, registries)
  return assemblePlan(looked, held, settings)
}
