import type { FoundImage } from '../graph/discover-images.ts'
import { demandsNothing } from '../policy/demand-for.ts'
import { nameSigner } from '../report/name-signer.ts'
import { requireSatisfied, verifyImages } from '../verify/verify-images.ts'
import type { Run } from './run.ts'

/** Lets nothing unproven pass: judges all images where they are, records the verdicts, and throws for every refusal. */
export async function verifySources({ services, record }: Run, found: readonly FoundImage[]): Promise<void> {
  const policy = await services.policy()
  record.policy = record.policy && nameSigner(record.policy, policy)
  if (demandsNothing(policy)) {
    services.reporter.warn(
      'verify is none: no signature is checked, neither at the source nor at the targets',
    )
  }
  record.verdicts = await verifyImages(found, policy, services)
  requireSatisfied(found, record.verdicts)
}
