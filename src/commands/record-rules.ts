import type { FoundImage } from '../graph/discover-images.ts'
import { ruleAt } from '../policy/demand-at.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import type { Run } from './run.ts'

/** Records which rule of the policy speaks of each image. */
export function recordRules(
  record: Run['record'],
  policy: VerificationPolicy,
  found: readonly FoundImage[],
): void {
  record.rules = found.map(({ image }) => ruleAt(policy, image.reference))
}
