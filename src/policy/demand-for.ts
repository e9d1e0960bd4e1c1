import { PromotionError } from '../errors.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { matchPattern } from './match-pattern.ts'
import type { Demand, PolicyRule, VerificationPolicy } from './policy.ts'

/** The pattern of a rule that speaks of every image. */
export const EVERY_REPOSITORY = '**'

/** Docker Hub by the name in references, and by those that people write. */
const DOCKER_HUB = 'index.docker.io'
const NAMES_OF_DOCKER_HUB = [DOCKER_HUB, 'docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']
/** The port of HTTPS, which a name has whether it is written or not. */
const USUAL_PORT = /:443$/
/** A port with zeros before it is the same port. */
const ZEROS = /(?<=:)0+(?=[0-9]+$)/

/** A policy is asked once an image and place; its patterns are compiled once. */
const matchers = new WeakMap<PolicyRule, (name: string) => boolean>()

/** What the policy demands of images from this repository. Throws a PromotionError of kind `verification` when no rule speaks of them. */
export function demandFor(policy: VerificationPolicy, repository: RepositoryName): Demand {
  const rule = ruleFor(policy, repository)
  if (rule !== undefined) return rule.demand
  const patterns = policy.rules.map(({ repository: pattern }) => pattern).join(', ')
  throw new PromotionError(
    'verification',
    `No rule of ${policy.file ?? 'the policy'} speaks of ${formatRepository(repository)}; its patterns are ${patterns}`,
    { hint: 'Add a rule whose `repository` matches it; `signed-by: nobody` lets images pass unchecked.' },
  )
}

/** The rule that speaks of images from this repository; undefined where none does. */
export function ruleFor({ rules }: VerificationPolicy, repository: RepositoryName): PolicyRule | undefined {
  const names = namesOf(repository)
  return rules.find((candidate) => names.some(matcherOf(candidate)))
}

/** Whether the policy checks nothing at all. */
export function demandsNothing({ rules, listed }: VerificationPolicy): boolean {
  const demands = [...rules.map(({ demand }) => demand), ...(listed?.values() ?? [])]
  return demands.every(({ by }) => by === 'nobody')
}

/** All that people may write for the same repository: the usual port stands in a rule, in a name, in both or in neither. */
function namesOf({ registry, path }: RepositoryName): readonly string[] {
  const host = registry.replace(ZEROS, '').replace(USUAL_PORT, '')
  const hosts = NAMES_OF_DOCKER_HUB.includes(host) ? NAMES_OF_DOCKER_HUB : [host]
  return hosts
    .flatMap((name) => [name, `${name}:443`])
    .map((name) => formatRepository({ registry: name, path }))
}

function matcherOf(rule: PolicyRule): (name: string) => boolean {
  const known = matchers.get(rule)
  if (known !== undefined) return known
  const matcher = matchPattern(rule.repository)
  matchers.set(rule, matcher)
  return matcher
}
