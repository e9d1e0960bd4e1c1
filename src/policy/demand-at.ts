import { originalName } from '../oci/layout-name.ts'
import { formatReference, type PinnedReference } from '../oci/reference.ts'
import { demandFor, ruleFor } from './demand-for.ts'
import { nameOfPolicy } from './name-of-policy.ts'
import type { Demand, VerificationPolicy } from './policy.ts'

/** Which rule speaks of an image, in a few words; empty where none does. */
export function ruleAt(policy: VerificationPolicy, image: PinnedReference): string {
  if (policy.listed?.has(formatReference(image))) return 'the list'
  const rule = ruleFor(policy, originalName(image.repository))
  if (policy.file === undefined) return nameOfPolicy(policy)
  return rule === undefined ? '' : `${policy.file}: ${rule.repository}`
}

/** What the policy demands of an image from where it comes from, with the repository in it. Throws as `demandFor` does. */
export function demandAt(policy: VerificationPolicy, image: PinnedReference): Demand {
  const origin = originalName(image.repository)
  const demand = policy.listed?.get(formatReference(image)) ?? demandFor(policy, origin)
  return demand.by === 'nobody' ? demand : { ...demand, origin }
}
