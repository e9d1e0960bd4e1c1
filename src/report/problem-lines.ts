import { fittingLines, type Room } from './fit-markdown.ts'
import { itemsOf } from './items-of.ts'
import { placed } from './placed.ts'
import type { RunResult } from './run-result.ts'
import { markdownText } from './safe-text.ts'
import { withHint } from './with-hint.ts'

/** The errors of a run with what to do about each, and then its warnings, as a list in Markdown; nothing where there are none. */
export function problemLines({ errors, warnings }: RunResult, room: Room): readonly string[] {
  const lines = [
    ...errors.map(
      ({ message, hint, location }) =>
        `❌ ${withHint(markdownText(placed(message, location)), hint && `**${markdownText(hint)}**`)}`,
    ),
    ...warnings.map((warning) => `⚠️ ${markdownText(warning)}`),
  ]
  const most = fittingLines(itemsOf(lines, lines.length), room).length
  return lines.length === 0 ? [] : [...itemsOf(lines, most), '']
}
