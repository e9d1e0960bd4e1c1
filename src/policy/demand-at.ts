import { originalName } from '../oci/layout-name.ts'
import { formatReference, type PinnedReference } from '../oci/reference.ts'
import { demandFor } from './demand-for.ts'
import type { Demand, VerificationPolicy } from './policy.ts'

/** What the policy demands of an image from where it comes from, with the repository in it. Throws as `demandFor` does. */
export function demandAt(policy: VerificationPolicy, image: PinnedReference): Demand {
  const origin = originalName(image.repository)
  const demand = policy.listed?.get(formatReference(image)) ?? demandFor(policy, origin)
  return demand.by === 'nobody' ? demand : { ...demand, origin }
}
