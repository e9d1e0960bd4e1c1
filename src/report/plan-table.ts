import { type MarkdownTable, markdownRow } from './fit-markdown.ts'
import { planCells } from './plan-cells.ts'
import type { ImageResult, TargetResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'
import { shortSource } from './short-source.ts'
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
      const named = [markdownCode(shortSource(image)), markdownText(whoSatisfied(image))]
      return image.targets.map((target, at) =>
        markdownRow([...(at === 0 ? named : ['', '']), ...cellsOf(target)]),
      )
    }),
  }
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
