import type { PreflightFacts, ProbeFacts } from '../preflight/preflight-finding.ts'
import type { RunResult } from './run-result.ts'
import { count } from './safe-text.ts'

/** Target repositories of which the same was found out, and what; the texts are not escaped. */
export interface PreflightGroup {
  /** The first of them, and how many there are besides. */
  readonly repositories: readonly string[]
  readonly more: number
  readonly facts: readonly string[]
}

/** Repositories of a group that are named. */
const MOST_NAMED = 3

/** What was found out about the targets, for people; nothing where a promotion only tried to write, which it then did. */
export function preflightGroups({
  command,
  preflight,
}: Pick<RunResult, 'command' | 'preflight'>): readonly PreflightGroup[] {
  const told = preflight.filter(({ probe }) => command === 'plan' || probe !== undefined)
  const groups = new Map<string, PreflightFacts[]>()
  for (const facts of told) {
    const key = inWords(facts).join('; ')
    const same = groups.get(key) ?? []
    same.push(facts)
    groups.set(key, same)
  }
  return [...groups.values()].map((all) => ({
    repositories: all.slice(0, MOST_NAMED).map(({ repository }) => repository),
    more: Math.max(0, all.length - MOST_NAMED),
    facts: all.slice(0, 1).flatMap(inWords),
  }))
}

function inWords({ write, referrers, probe }: PreflightFacts): readonly string[] {
  return [
    WRITE_FACTS[write],
    ...REFERRERS_FACTS[referrers],
    ...(probe === undefined ? [] : probeFacts(probe)),
  ]
}

const WRITE_FACTS = {
  granted: 'may be written to',
  refused: 'may not be written to with these credentials',
  unknown: 'does not tell whether it may be written to',
} as const

const REFERRERS_FACTS = {
  api: ['lists referrers by its API'],
  'fallback tag': ['has no referrers API: fallback tags are used'],
  unknown: [],
} as const

function probeFacts({ mediaTypes, tags, lists, left }: ProbeFacts): readonly string[] {
  const of = (answer: string) => mediaTypes.filter(({ taken }) => taken === answer)
  const untried = of('not tried').length
  return [
    ...(of('yes').length > 0 ? [`takes ${count(of('yes').length, 'kind')} of manifests`] : []),
    ...of('no').map(({ kind }) => `refuses ${kind}`),
    ...(untried > 0 ? [`${count(untried, 'kind')} of manifests not tried`] : []),
    ...TAG_FACTS.move[tags.move],
    ...TAG_FACTS.remove[tags.remove],
    ...(lists === 'no' ? ['does not list a new referrer'] : []),
    ...(left.length > 0 ? [`keeps ${left.length} of what was pushed to find that out`] : []),
  ]
}

const TAG_FACTS = {
  move: { yes: ['tags can be moved'], no: ['tags cannot be moved'], 'not tried': [] },
  remove: { yes: ['tags can be deleted'], no: ['tags cannot be deleted'], 'not tried': [] },
} as const
