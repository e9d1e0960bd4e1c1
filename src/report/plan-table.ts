import { type MarkdownTable, markdownRow } from './fit-markdown.ts'
import { planCells } from './plan-cells.ts'
import type { ImageResult, TargetResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'
import { shortDigest, withoutDigest } from './short-digest.ts'
import { whoSatisfied } from './who-satisfied.ts'

const TITLES: readonly string[] = [
  'Image',
  'Signed by',
  'Target',
  'Present',
  'Mounted',
  'Sent',
  'Requests',
  'Attached',
  'Tags',
]

/** What a plan does, a row for each image and target; the image and its signers are in the first row of each. */
export function planTable(images: readonly ImageResult[]): MarkdownTable {
  return {
    titles: TITLES,
    rows: images.flatMap((image) => {
      const named = [markdownCode(nameOf(image)), markdownText(whoSatisfied(image))]
      return image.targets.map((target, at) =>
        markdownRow([...(at === 0 ? named : ['', '']), ...cellsOf(target)]),
      )
    }),
  }
}

function nameOf({ source, digest }: ImageResult): string {
  return `${withoutDigest(source)}@${shortDigest(digest)}`
}

function cellsOf(target: TargetResult): readonly string[] {
  const { tags, ...cells } = planCells(target)
  const texts = [cells.present, cells.mounted, cells.sent, cells.requests, cells.attached]
  return [
    markdownCode(target.repository),
    ...texts.map((text) => markdownText(text) || '–'),
    tags.map(markdownCode).join('<br>') || '–',
  ]
}
