import type { Settings } from '../inputs/settings.ts'
import type { Registries } from '../registry/repository.ts'
import { type AssembledPlan, assemblePlan } from './assemble-plan.ts'
import type { BlobQuestions } from './blob-questions.ts'
import { askForBlobs, blobsOfTargets, HeldBlobs } from './held-blobs.ts'
import type { LookedAtImage } from './look-at-image.ts'

/** Decides what has to be done for images that were looked at, once targets were asked for their blobs. */
export async function planLooked(
  looked: readonly LookedAtImage[],
  settings: Pick<Settings, 'existingTags'>,
  registries: Registries,
  questions: BlobQuestions,
): Promise<AssembledPlan> {
  const held = questions === 'ask for every blob' ? new HeldBlobs() : blobsOfTargets(looked)
  if (questions !== 'ask while uploading') await askForBlobs(looked, held, registries)
  return assemblePlan(looked, held, settings)
}
