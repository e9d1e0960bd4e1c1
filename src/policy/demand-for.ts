import { minimatch } from 'minimatch'
import { PromotionError } from '../errors.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { Demand, VerificationPolicy } from './policy.ts'

/** The pattern of a rule that speaks of every image. */
export const EVERY_REPOSITORY = '**'

/** Nothing is a comment, a negation or a list of alternatives here: a pattern means what it looks like. */
const LITERAL = { nocomment: true, nonegate: true, nobrace: true, noext: true, dot: true } as const

/** What the policy demands of images from this repository. Throws a PromotionError of kind `verification` when no rule speaks of them. */
export function demandFor(policy: VerificationPolicy, repository: RepositoryName): Demand {
  const name = formatRepository(repository)
  const rule = policy.rules.find(({ repository: pattern }) => minimatch(name, pattern, LITERAL))
  if (rule !== undefined) return rule.demand
  const patterns = policy.rules.map(({ repository: pattern }) => pattern).join(', ')
  throw new PromotionError(
    'verification',
    `No rule of ${policy.file ?? 'the policy'} speaks of ${name}; its patterns are ${patterns}`,
    { hint: 'Add a rule whose `repository` matches it; `signed-by: nobody` lets images pass unchecked.' },
  )
}

/** Whether the policy checks nothing at all. */
export function demandsNothing(policy: VerificationPolicy): boolean {
  return policy.rules.every(({ demand }) => demand.by === 'nobody')
}
