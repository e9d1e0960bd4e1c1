import type { SignatureVerdict } from '../verify/verifier.ts'
import { consumerPolicies } from './consumer-policies.ts'
import { howToVerify } from './how-to-verify.ts'
import { placed } from './placed.ts'
import type { ImageResult, RunResult, TargetResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'
import { targetFacts } from './target-facts.ts'
import { verdictLine } from './verdict-line.ts'
import { withHint } from './with-hint.ts'

/** Bytes; a summary of more than 1 MiB is dropped whole by the runner, so the table ends well before. */
const SUMMARY_LIMIT = 1000 * 1024
const TAIL_RESERVE = 16 * 1024
const SHORT_DIGEST = 19

/** The job summary as Markdown: the verdict first, then problems, a table of images, and how to check the result oneself. */
export function formatSummary(result: RunResult): string {
  const head = [
    `## ${result.succeeded ? '✅' : '❌'} ${markdownText(verdictLine(result))}`,
    '',
    ...problems(result),
  ]
  const tail = result.succeeded ? [...howToVerify(result), ...consumerPolicies(result)] : []
  const rows = result.images.map(imageRow)
  const used = byteLength([...head, ...tail]) + TAIL_RESERVE
  const shown = fitting(rows, SUMMARY_LIMIT - used)
  const left = rows.length - shown.length
  const table =
    rows.length === 0 ? [] : [...TABLE_HEAD, ...shown, ...(left > 0 ? ['', `…and ${left} more.`] : []), '']
  return `${[...head, ...table, ...tail].join('\n')}\n`
}

const TABLE_HEAD: readonly string[] = [
  '| Image | Digest | Signatures that count | Carried | Targets |',
  '| --- | --- | --- | --- | --- |',
]

function imageRow({ source, digest, signatures, signed, inventory, targets }: ImageResult): string {
  const counting = signatures.filter(({ counts }) => counts)
  const signers = [...new Set(counting.map((signature) => `${nameOf(signature)}: ${signature.reason}`))]
  const cells = [
    markdownCode(source.slice(0, source.lastIndexOf('@'))),
    markdownCode(`${digest.slice(0, SHORT_DIGEST)}…`),
    [...signers.map(markdownText), ...(signed.length > 0 ? [`signed now (${signed.join(', ')})`] : [])].join(
      '<br>',
    ) || '–',
    carried(inventory.map(({ kind }) => kind)),
    targets.map(targetCell).join('<br>') || '–',
  ]
  return `| ${cells.join(' | ')} |`
}

function nameOf({ form, predicateType }: SignatureVerdict): string {
  if (predicateType !== undefined) return `attestation ${predicateType}`
  return form === 'tag' ? '.sig' : 'bundle'
}

/** `2 children, 1 sig, 2 referrer`: how many of each kind belong to the image. */
function carried(kinds: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const kind of kinds) if (kind !== 'image') counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, number]) => `${number} ${kind}`).join(', ') || '–'
}

function targetCell(target: TargetResult): string {
  const facts = [...targetFacts(target), ...(target.error ? ['see above'] : [])]
  return `${markdownCode(target.repository)} ${markdownText(facts.join(', '))}`
}

function problems({ errors, warnings }: RunResult): readonly string[] {
  const lines = [
    ...errors.map(
      ({ message, hint, location }) =>
        `- ❌ ${withHint(markdownText(placed(message, location)), hint && `**${markdownText(hint)}**`)}`,
    ),
    ...warnings.map((warning) => `- ⚠️ ${markdownText(warning)}`),
  ]
  const shown = fitting(lines, SUMMARY_LIMIT / 2)
  const more = lines.length - shown.length
  return lines.length === 0 ? [] : [...shown, ...(more > 0 ? [`- …and ${more} more.`] : []), '']
}

function fitting(lines: readonly string[], limit: number): readonly string[] {
  let used = 0
  const end = lines.findIndex((line) => {
    used += byteLength([line])
    return used > limit
  })
  return end < 0 ? lines : lines.slice(0, end)
}

function byteLength(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}
