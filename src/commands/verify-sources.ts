import type { FoundImage } from '../graph/discover-images.ts'
import { UNJUDGED } from '../verify/verifier.ts'
import { requireSatisfied, verifyImages } from '../verify/verify-images.ts'
import { knownPolicy } from './known-policy.ts'
import { recordRules } from './record-rules.ts'
import type { Run } from './run.ts'

/**
 * Lets nothing unproven pass: judges images where they are, all that were found or only some, records the verdicts, and throws for every
 * refusal.
 */
export async function verifySources(
  run: Run,
  found: readonly FoundImage[],
  judged: readonly FoundImage[] = found,
): Promise<void> {
  const { services, record } = run
  const policy = await knownPolicy(run)
  recordRules(record, policy, found)
  const verdicts = await verifyImages(judged, policy, services)
  const verdictOf = new Map(judged.map((one, index) => [one, verdicts[index]]))
  record.verdicts = found.map((one) => verdictOf.get(one) ?? UNJUDGED)
  requireSatisfied(judged, verdicts)
}
