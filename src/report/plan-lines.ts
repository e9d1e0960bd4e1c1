import { hostFacts } from './host-facts.ts'
import { PLAN_COLUMNS, planCells } from './plan-cells.ts'
import { howToApply, MOST_HOSTS } from './plan-sections.ts'
import type { ImageResult, RunResult, TargetResult } from './run-result.ts'
import { logLine } from './safe-text.ts'
import { whoSatisfied } from './who-satisfied.ts'

/** Images that are shown: more are no news to a person, and all are in the report. */
const MOST_IMAGES = 50

/** The plan for whoever looks at a terminal, as a table; or for a log, each target as a line that says what is what. */
export function planLines(result: RunResult, isTable: boolean): readonly string[] {
  const shown = result.images.slice(0, MOST_IMAGES)
  const lines = isTable
    ? tableOf(shown)
    : shown.flatMap((image) => [nameOf(image), ...image.targets.map(sentence)])
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

function nameOf(image: ImageResult): string {
  return `${image.source}: ${whoSatisfied(image)}`
}

/** `  → prod.example/app: sent 1 manifest, 12 B; tags create v1`. */
function sentence(target: TargetResult): string {
  const cells = textsOf(target)
  const facts = PLAN_COLUMNS.flatMap((column, at) => (cells[at] ? [`${column} ${cells[at]}`] : []))
  return `  → ${target.repository}: ${facts.join('; ') || 'nothing'}`
}

/** Images as headings, and under each its targets in columns that are as wide as what stands in them. */
function tableOf(images: readonly ImageResult[]): readonly string[] {
  const head = ['  target', ...PLAN_COLUMNS]
  const rows = images.map(({ targets }) =>
    targets.map((target) => [`  → ${target.repository}`, ...textsOf(target).map((text) => text || '–')]),
  )
  const widths = head.map((title, at) =>
    rows.flat().reduce((width, cells) => Math.max(width, cells[at]?.length ?? 0), title.length),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  if (images.length === 0) return []
  return [line(head), ...images.flatMap((image, at) => [nameOf(image), ...(rows[at] ?? []).map(line)])]
}

function textsOf(target: TargetResult): readonly string[] {
  const { tags, ...cells } = planCells(target)
  return PLAN_COLUMNS.map((column) => (column === 'tags' ? tags.join(', ') : cells[column]))
}
