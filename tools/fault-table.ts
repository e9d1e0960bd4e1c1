import { readFileSync, writeFileSync } from 'node:fs'
import pMap from 'p-map'
import type { NamedFault } from '../__tests__/fakes/registry-named-fault.ts'
import { FAULTS } from '../__tests__/fakes/registry-named-faults.ts'
import type { Side } from '../__tests__/faults/fault-scene.ts'
import { expectedOf, type FaultRun, NO_FAULT, runFault, sidesOf } from '../__tests__/faults/run-fault.ts'
import { formatTable, replaceBetween } from './markdown.ts'

const PAGE = new URL('../docs/reliability.md', import.meta.url)
const HEAD = ['Fault', 'Mark', 'At the source', 'At the target'] as const
const MARKS = { transient: 'T', lie: 'L' } as const
/** Promotions side by side; few enough that they do not slow each other down. */
const SIDE_BY_SIDE = 4

/** Every fault in the order of the page: those that pass, lies, and the others by what is done when they are met. */
export const ROWS: readonly NamedFault[] = [
  NO_FAULT,
  ...FAULTS.filter(({ mark }) => mark === 'transient'),
  ...FAULTS.filter(({ mark }) => mark === 'lie'),
  ...FAULTS.filter(({ mark, side }) => mark === undefined && side === 'read'),
  ...FAULTS.filter(({ mark, side }) => mark === undefined && side === 'write'),
]

/** The page with its table of faults made anew; `tell` says what a fault at one side came to, behind its outcome. */
export function updateFaults(page: string, tell: (fault: NamedFault, side: Side) => string): string {
  const cell = (fault: NamedFault, side: Side) =>
    sidesOf(fault).includes(side) ? `${outcomeOf(fault, side)}${tell(fault, side)}` : ''
  const rows = ROWS.map((fault) => {
    const mark = fault.mark === undefined ? '' : MARKS[fault.mark]
    return [fault.name, mark, cell(fault, 'source'), cell(fault, 'target')]
  })
  return replaceBetween(page, 'faults', formatTable(HEAD, rows))
}

function outcomeOf(fault: NamedFault, side: Side): string {
  const expected = expectedOf(fault, side)
  return typeof expected === 'object' ? 'refuses' : expected
}

/** Plays everything, and stops the script when something is not as it should be. */
async function measure(): Promise<readonly FaultRun[]> {
  const jobs = ROWS.flatMap((fault) => sidesOf(fault).map((side) => ({ fault, side })))
  const runs = await pMap(jobs, ({ fault, side }) => runFault(fault, side), { concurrency: SIDE_BY_SIDE })
  const wrong = runs.filter(({ problems }) => problems.length > 0)
  for (const { fault, side, problems } of wrong) {
    process.stderr.write(`${fault.name}, at the ${side}: ${problems.join('; ')}\n`)
  }
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${runs.length} runs were not as they should be`)
  return runs
}

if (import.meta.main) {
  const runs = await measure()
  const page = updateFaults(readFileSync(PAGE, 'utf8'), (fault, side) => {
    const run = runs.find((one) => one.fault === fault && one.side === side)
    return run === undefined ? '' : `, ${Math.ceil(run.seconds)} s, ${run.requests} requests`
  })
  writeFileSync(PAGE, page)
  process.stdout.write(`docs/reliability.md holds ${runs.length} runs\n`)
}
