import type { RepositoryName } from '../oci/reference.ts'
import { demandFor } from './demand-for.ts'
import type { Demand, VerificationPolicy } from './policy.ts'

/** What the policy demands of images from this repository, with the repository in it. Throws as `demandFor` does. */
export function demandAt(policy: VerificationPolicy, repository: RepositoryName): Demand {
  const demand = demandFor(policy, repository)
  return demand.by === 'nobody' ? demand : { ...demand, origin: repository }
}
