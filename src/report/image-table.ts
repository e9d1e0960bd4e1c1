import type { SignatureVerdict } from '../verify/verifier.ts'
import { type MarkdownTable, markdownRow } from './fit-markdown.ts'
import { numberOfEach } from './number-of-each.ts'
import type { ImageResult, TargetResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'
import { shortDigest, withoutDigest } from './short-digest.ts'
import { targetFacts } from './target-facts.ts'

const TITLES: readonly string[] = ['Image', 'Digest', 'Signatures that count', 'Carried', 'Targets']

/** What became of each image, a row each. */
export function imageTable(images: readonly ImageResult[]): MarkdownTable {
  return { titles: TITLES, rows: images.map(imageRow) }
}

function imageRow({ source, digest, signatures, signed, inventory, targets }: ImageResult): string {
  const counting = signatures.filter(({ counts }) => counts)
  const signers = [...new Set(counting.map((signature) => `${nameOf(signature)}: ${signature.reason}`))]
  return markdownRow([
    markdownCode(withoutDigest(source)),
    markdownCode(shortDigest(digest)),
    [...signers.map(markdownText), ...(signed.length > 0 ? [`signed now (${signed.join(', ')})`] : [])].join(
      '<br>',
    ) || '–',
    carried(inventory.map(({ kind }) => kind)),
    targets.map(targetCell).join('<br>') || '–',
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

function targetCell(target: TargetResult): string {
  const facts = [...targetFacts(target), ...(target.error ? ['see above'] : [])]
  return `${markdownCode(target.repository)} ${markdownText(facts.join(', '))}`
}
