import { signerDigest } from '../policy/policy-digest.ts'
import type { SavedPlan } from '../saved-plan/saved-plan.ts'
import type { Run } from './run.ts'

/** What a saved plan says about signing besides who signs which image. */
export async function plannedSigning({
  settings: { signing, listSigning },
  services: { attester },
}: Pick<Run, 'settings' | 'services'>): Promise<Pick<SavedPlan, 'recursive' | 'attester'>> {
  const { recursive = false } = signing.by === 'nobody' ? (listSigning ?? {}) : signing
  return { recursive, ...(attester && { attester: signerDigest(await attester.identity(), {}) }) }
}
