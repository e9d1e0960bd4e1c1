import { demandsNothing } from '../policy/demand-for.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import { nameSigner } from '../report/name-signer.ts'
import type { Run } from './run.ts'

/** The policy of a run, in the record with its only signer named; warns where it demands nothing of any image. */
export async function knownPolicy({ settings, services, record }: Run): Promise<VerificationPolicy> {
  const policy = await services.policy()
  record.policy = record.policy && nameSigner(record.policy, policy)
  if (demandsNothing(policy)) {
    const why = settings.verification.by === 'nobody' ? 'verify is none' : 'nobody need have signed any image'
    services.reporter.warn(`${why}: no signature is checked, neither at the source nor at the targets`)
  }
  return policy
}
