import { fitMarkdown, type Room, sizeOf } from './fit-markdown.ts'
import { planSections } from './plan-sections.ts'
import { planTable } from './plan-table.ts'
import { problemLines } from './problem-lines.ts'
import type { RunResult } from './run-result.ts'
import { markdownText } from './safe-text.ts'
import { verdictLine } from './verdict-line.ts'

/** What a workflow finds its comment by, to write it anew. */
const MARKER = '<!-- signed-promote plan -->'

/**
 * GitHub takes comments of 65,536 characters. UTF-16 units are counted, of which no text has fewer than characters, or fewer than a third of
 * its bytes.
 */
const ROOM: Room = { limit: 65_536, measure: (text) => text.length }

/** The plan as Markdown for the comment of a pull request, under a line by which the comment can be found again; shortened to what fits. */
export function formatComment(result: RunResult): string {
  const mark = result.succeeded ? '✅' : '❌'
  const sections = planSections(result).filter((lines) => sizeOf(lines, ROOM) < ROOM.limit / 8)
  return fitMarkdown(
    {
      before: [
        MARKER,
        `## ${mark} ${markdownText(verdictLine(result))}`,
        '',
        ...problemLines(result, { ...ROOM, limit: ROOM.limit / 2 }),
      ],
      table: planTable(result.images),
      after: sections.flat(),
    },
    ROOM,
  )
}
