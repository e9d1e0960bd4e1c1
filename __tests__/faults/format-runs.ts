import type { NamedFault } from '../fakes/registry-named-fault.ts'
import type { FaultRun } from './run-fault.ts'

/** A table of runs in the order of the faults, and of how many faults all runs were as they should be: `what` was done about them. */
export function formatRuns(
  what: string,
  faults: readonly NamedFault[],
  runs: readonly FaultRun[],
): readonly string[] {
  const lines = faults.flatMap((fault) =>
    runs
      .filter((run) => run.fault === fault)
      .map(({ side, outcome, seconds, requests, problems }) => {
        const cells = [
          fault.name.padEnd(64),
          side,
          outcome.padEnd(8),
          seconds.toFixed(1).padStart(5),
          String(requests).padStart(5),
        ]
        return `${cells.join('  ')}${problems.length > 0 ? '  WRONG' : ''}`
      }),
  )
  const right = faults.filter((fault) => {
    const own = runs.filter((run) => run.fault === fault)
    return own.length > 0 && own.every(({ problems }) => problems.length === 0)
  })
  const leaks = runs.reduce((sum, run) => sum + run.leaks, 0)
  return [
    ...lines,
    `${right.length} of ${faults.length} ${what}, ${leaks} credential headers at another origin`,
  ]
}
