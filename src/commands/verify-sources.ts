import type { FoundImage } from '../graph/discover-images.ts'
import { demandsNothing } from '../policy/demand-for.ts'
import { nameSigner } from '../report/name-signer.ts'
import type { Verdict } from '../verify/verifier.ts'
import { requireSatisfied, verifyImages } from '../verify/verify-images.ts'
import type { Run } from './run.ts'

/** Stands in the record for an image that is not judged yet. */
const UNJUDGED: Verdict = { satisfied: false, signatures: [], lacking: [] }

/**
 * Lets nothing unproven pass: judges images where they are, all that were found or only some, records the verdicts, and throws for every
 * refusal.
 */
export async function verifySources(
  { settings, services, record }: Run,
  found: readonly FoundImage[],
  judged: readonly FoundImage[] = found,
): Promise<void> {
  const policy = await services.policy()
  record.policy = record.policy && nameSigner(record.policy, policy)
  if (demandsNothing(policy)) {
    const why = settings.verification.by === 'nobody' ? 'verify is none' : 'nobody need have signed any image'
    services.reporter.warn(`${why}: no signature is checked, neither at the source nor at the targets`)
  }
  const verdicts = await verifyImages(judged, policy, services)
  const verdictOf = new Map(judged.map((one, index) => [one, verdicts[index]]))
  record.verdicts = found.map((one) => verdictOf.get(one) ?? UNJUDGED)
  requireSatisfied(judged, verdicts)
}
