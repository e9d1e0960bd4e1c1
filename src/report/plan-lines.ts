import { groupBy } from './group-by.ts'
import { hostFacts } from './host-facts.ts'
import { PLAN_COLUMNS, planCells } from './plan-cells.ts'
import { howToApply, MOST_HOSTS } from './plan-sections.ts'
import type { ImageResult, RunResult, TargetResult } from './run-result.ts'
import { logLine } from './safe-text.ts'
import { shortSource } from './short-source.ts'
import { whoSatisfied } from './who-satisfied.ts'

/** Images that are shown: more are no news to a person, and all are in the report. */
const MOST_IMAGES = 50

/** Columns of the table. All of them would not fit into a terminal of 100 columns: the others stand in a line below each row. */
const ALIGNED = ['present', 'mounted', 'sent'] as const
const BELOW = ['requests', 'attached', 'tags'] as const

type Column = (typeof PLAN_COLUMNS)[number]

/**
 * The plan for whoever looks at a terminal, as a table; or for a log, each target as a line that says what is what. Images that the same
 * signers satisfy stand together under their names.
 */
export function planLines(result: RunResult, isTable: boolean): readonly string[] {
  const shown = result.images.slice(0, MOST_IMAGES)
  const format = isTable ? tableOf(shown) : sentences
  const lines = [...groupBy(shown, whoSatisfied)].flatMap(([who, images]) => [
    `Signed by: ${who}`,
    ...format(images),
  ])
  const { hosts = [], cut, apply = [], plan } = result
  const saved =
    plan === null || cut === undefined ? [] : [`Saved as ${plan.place}, ${plan.digest}: ${cut.sentence}`]
  return [
    ...lines,
    ...more(result.images.length - shown.length),
    ...(hosts.length > 0 ? ['Applying it asks of the registries:'] : []),
    ...hosts.slice(0, MOST_HOSTS).map((host) => `  ${host.host}: ${hostFacts(host)}`),
    ...more(hosts.length - MOST_HOSTS),
    ...saved,
    ...(apply.length > 0 ? [howToApply(plan?.shards ?? 1), ...apply.map((line) => `  ${line}`)] : []),
  ].map(logLine)
}

function more(number: number): readonly string[] {
  return number > 0 ? [`…and ${number} more; the report has all of them.`] : []
}

/** `  → prod.example/app: sent 1 manifest, 12 B; tags create v1`. */
function sentences(images: readonly ImageResult[]): readonly string[] {
  return images.flatMap((image) => [
    shortSource(image),
    ...image.targets.map(
      (target) => `  → ${target.repository}: ${factsOf(target, PLAN_COLUMNS) || 'nothing'}`,
    ),
  ])
}

/** Lays images out as rows, with their targets below them in columns as wide as what stands in them for any of `all` images. */
function tableOf(all: readonly ImageResult[]): (images: readonly ImageResult[]) => readonly string[] {
  const head = ['image → target', ...ALIGNED]
  const cells = all.flatMap(({ targets }) => targets.map(cellsOf))
  const widths = head.map((title, at) =>
    cells.reduce((width, row) => Math.max(width, row[at]?.length ?? 0), title.length),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return (images) => [
    line(head),
    ...images.flatMap((image) => [
      shortSource(image),
      ...image.targets.flatMap((target) => [line(cellsOf(target)), ...besides(target)]),
    ]),
  ]
}

function cellsOf(target: TargetResult): readonly string[] {
  return [`  → ${target.repository}`, ...ALIGNED.map((column) => textOf(target, column) || '–')]
}

function besides(target: TargetResult): readonly string[] {
  const facts = factsOf(target, BELOW)
  return facts === '' ? [] : [`      ${facts}`]
}

function factsOf(target: TargetResult, columns: readonly Column[]): string {
  return columns
    .flatMap((column) => {
      const text = textOf(target, column)
      return text === '' ? [] : [`${column} ${text}`]
    })
    .join('; ')
}

function textOf(target: TargetResult, column: Column): string {
  const { tags, ...cells } = planCells(target)
  return column === 'tags' ? tags.join(', ') : cells[column]
}
