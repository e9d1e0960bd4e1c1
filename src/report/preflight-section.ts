import { preflightGroups } from './preflight-groups.ts'
import type { RunResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'

/** Groups that are shown: what is different in more of them is in the report. */
const MOST_GROUPS = 30

/** What was found out about the targets before anything was copied, as lines of Markdown. */
export function preflightSection(result: Pick<RunResult, 'command' | 'preflight'>): readonly string[] {
  const groups = preflightGroups(result)
  if (groups.length === 0) return []
  const shown = groups.slice(0, MOST_GROUPS)
  const left = groups.length - shown.length
  return [
    '### Preflight',
    '',
    ...shown.map(({ repositories, more, facts }) => {
      const places = [...repositories.map(markdownCode), ...(more > 0 ? [`${more} more`] : [])]
      return `- ${places.join(', ')}: ${markdownText(facts.join('; '))}`
    }),
    ...(left > 0 ? [`- …and ${left} more.`] : []),
    '',
  ]
}
