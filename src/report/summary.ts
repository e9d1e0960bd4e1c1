import { consumerPolicies } from './consumer-policies.ts'
import { fitMarkdown, type MarkdownTable, type Room } from './fit-markdown.ts'
import { howToVerify } from './how-to-verify.ts'
import { imageTable } from './image-table.ts'
import { partLines } from './part-lines.ts'
import { planSections } from './plan-sections.ts'
import { planTable } from './plan-table.ts'
import { preflightSection } from './preflight-section.ts'
import { problemLines } from './problem-lines.ts'
import type { RunResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'
import { undoneTable } from './undone-table.ts'
import { verdictLine } from './verdict-line.ts'

/** Bytes; a summary of more than 1 MiB is dropped whole by the runner, so the table ends well before. */
const ROOM: Room = { limit: 984 * 1024, measure: (text) => Buffer.byteLength(text) }

/** The job summary as Markdown: the verdict first, then problems, a table of images, and how to check the result oneself. */
export function formatSummary(result: RunResult): string {
  const before = [
    `## ${result.succeeded ? '✅' : '❌'} ${markdownText(verdictLine(result))}`,
    '',
    ...appliedPlan(result),
    ...problemLines(result, { ...ROOM, limit: ROOM.limit / 2 }),
  ]
  const after = [
    ...partLines(result.parts),
    ...preflightSection(result),
    ...planSections(result).flat(),
    ...(result.succeeded ? [...howToVerify(result), ...consumerPolicies(result)] : []),
  ]
  return fitMarkdown({ before, table: tableOf(result), after }, ROOM)
}

function tableOf(result: RunResult): MarkdownTable {
  const { command, undone, images } = result
  if (undone !== undefined) return undoneTable(undone)
  return command === 'plan' ? planTable(images) : imageTable(result)
}

/** Which saved plan was carried out, or which part of it. */
function appliedPlan({ command, plan }: RunResult): readonly string[] {
  if (plan === null || command === 'plan') return []
  const what = plan.shard === undefined ? 'The plan' : `Part ${plan.shard} of the plan`
  return [`${what} ${markdownCode(plan.place)}, ${markdownCode(plan.digest)}.`, '']
}
