import type { SignatureVerdict } from '../verify/verifier.ts'
import { type MarkdownTable, markdownRow } from './fit-markdown.ts'
import { numberOfEach } from './number-of-each.ts'
import type { ImageResult, RunResult, TargetResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'
import { shortDigest, withoutDigest } from './short-digest.ts'
import { targetFacts } from './target-facts.ts'

const TITLES: readonly string[] = ['Image', 'Digest', 'Signatures that count', 'Carried', 'Targets']

/** What became of each image, a row each. */
export function imageTable({ images, plan }: Pick<RunResult, 'images' | 'plan'>): MarkdownTable {
  return { titles: TITLES, rows: images.map((image) => imageRow(image, plan)) }
}

function imageRow(
  { source, digest, signatures, signed, inventory, targets }: ImageResult,
  plan: RunResult['plan'],
): string {
  const counting = signatures.filter(({ counts }) => counts)
  const signers = [...new Set(counting.map((signature) => `${nameOf(signature)}: ${signature.reason}`))]
  return markdownRow([
    markdownCode(withoutDigest(source)),
    markdownCode(shortDigest(digest)),
    [...signers.map(markdownText), ...(signed.length > 0 ? [`signed now (${signed.join(', ')})`] : [])].join(
      '<br>',
    ) || '–',
    carried(inventory.map(({ kind }) => kind)),
    targets.map((target) => targetCell(target, plan)).join('<br>') || '–',
  ])
}

function nameOf({ form, predicateType }: SignatureVerdict): string {
  if (predicateType !== undefined) return `attestation ${predicateType}`
  return form === 'tag' ? '.sig' : 'bundle'
}

/** `2 children, 1 sig, 2 referrer`: how many of each kind belong to the image. */
function carried(kinds: readonly string[]): string {
  return numberOfEach(kinds.filter((kind) => kind !== 'image')) || '–'
}

function targetCell(target: TargetResult, plan: RunResult['plan']): string {
  const facts = [...targetFacts(target, plan), ...(target.error ? ['see above'] : [])]
  return `${markdownCode(target.repository)} ${markdownText(facts.join(', '))}`
}
