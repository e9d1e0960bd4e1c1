import type { PreflightFacts, ProbeFacts } from '../preflight/preflight-finding.ts'
import { groupBy } from './group-by.ts'
import { isInRegistry } from './is-in-registry.ts'
import type { RunResult } from './run-result.ts'
import { count } from './safe-text.ts'

/** Target repositories of which the same was found out, and what. */
export interface PreflightGroup {
  /** The one repository, or how many there are at which registry, as shown. */
  readonly place: string
  /** Not escaped. */
  readonly facts: readonly string[]
}

/**
 * What was found out about the targets, for people; nothing where a promotion only tried to write, which it then did. `show` escapes the
 * names of repositories and registries.
 */
export function preflightGroups(
  { command, preflight }: Pick<RunResult, 'command' | 'preflight'>,
  show: (name: string) => string,
): readonly PreflightGroup[] {
  const told = preflight.filter(({ probe }) => command === 'plan' || probe !== undefined)
  const groups = groupBy(told, (facts) => [registryOf(facts), ...inWords(facts)].join('; '))
  return [...groups.values()].map(([first, ...others]) => ({
    place:
      others.length === 0
        ? show(first.repository)
        : `${others.length + 1} repositories at ${show(registryOf(first))}`,
    facts: inWords(first),
  }))
}

/** The host of a repository; a layout on disk is a place of its own. */
function registryOf({ repository }: PreflightFacts): string {
  return isInRegistry({ repository }) ? repository.slice(0, repository.indexOf('/')) : repository
}

/** Words that are said of one repository as of several. */
function inWords({ write, referrers, probe }: PreflightFacts): readonly string[] {
  return [
    write === 'unknown' && probe === undefined
      ? 'unknown whether writing is allowed (plan asks only for a token; promote tries)'
      : WRITE_FACTS[write],
    ...REFERRERS_FACTS[referrers],
    ...(probe === undefined ? [] : probeFacts(probe)),
  ]
}

const WRITE_FACTS = {
  granted: 'writing is allowed',
  refused: 'writing is refused to these credentials',
  unknown: 'unknown whether writing is allowed',
} as const

const REFERRERS_FACTS = {
  api: ['referrers are listed by an API'],
  'fallback tag': ['no referrers API: fallback tags are used'],
  unknown: [],
} as const

function probeFacts({ mediaTypes, tags, lists, left }: ProbeFacts): readonly string[] {
  const of = (answer: string) => mediaTypes.filter(({ taken }) => taken === answer)
  const untried = of('not tried').length
  return [
    ...(of('yes').length > 0 ? [`${count(of('yes').length, 'kind')} of manifest accepted`] : []),
    ...of('no').map(({ kind }) => `${kind} refused`),
    ...(untried > 0 ? [`${count(untried, 'kind')} of manifest not tried`] : []),
    ...TAG_FACTS.move[tags.move],
    ...TAG_FACTS.remove[tags.remove],
    ...(lists === 'no' ? ['a new referrer is not listed'] : []),
    ...(left.length > 0 ? [`${left.length} of what was pushed to find that out could not be deleted`] : []),
  ]
}

const TAG_FACTS = {
  move: { yes: ['tags can be moved'], no: ['tags cannot be moved'], 'not tried': [] },
  remove: { yes: ['tags can be deleted'], no: ['tags cannot be deleted'], 'not tried': [] },
} as const
