import { itemsOf } from './items-of.ts'
import { preflightGroups } from './preflight-groups.ts'
import type { RunResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'

/** Groups that are shown: what is different in more of them is in the report. */
const MOST_GROUPS = 30

/** What was found out about the targets before anything was copied, as lines of Markdown. */
export function preflightSection(result: Pick<RunResult, 'command' | 'preflight'>): readonly string[] {
  const groups = preflightGroups(result, markdownCode)
  if (groups.length === 0) return []
  const lines = groups.map(({ place, facts }) => `${place}: ${markdownText(facts.join('; '))}`)
  return ['### Preflight', '', ...itemsOf(lines, MOST_GROUPS), '']
}
