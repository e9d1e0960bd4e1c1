import type { FoundImage } from '../graph/discover-images.ts'
import type { Settings } from '../inputs/settings.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services.ts'
import { requireSatisfied, verifyImages } from '../verify/verify-images.ts'

/** Lets nothing unproven pass: judges all images where they are, records the verdicts, and throws for every refusal. */
export async function verifySources(
  found: readonly FoundImage[],
  settings: Settings,
  services: Services,
  record: RunRecord,
): Promise<void> {
  record.verdicts = await verifyImages(found, services.policy, services, settings.concurrency)
  requireSatisfied(found, record.verdicts)
}
