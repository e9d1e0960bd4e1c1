import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { NamedFault } from '../fakes/registry-named-fault.ts'
import { formatRuns } from './format-runs.ts'
import { expectedOf, type FaultRun, runFault, sidesOf } from './run-fault.ts'

/** Promotions side by side: they wait most of the time. */
const SIDE_BY_SIDE = 12
/** Milliseconds after which a promotion has not ended in reasonable time. */
const LONGEST = 90_000

/** Declares a test for each fault and side, and prints the table of all when they have ended; `what` is done about these faults. */
export function playAll(what: string, faults: readonly NamedFault[]): void {
  describe(what, { concurrency: SIDE_BY_SIDE }, () => {
    const runs: FaultRun[] = []
    for (const fault of faults) {
      for (const side of sidesOf(fault)) {
        const expected = expectedOf(fault, side)
        const verb = typeof expected === 'object' ? 'refuses' : expected
        test(`${verb}: ${fault.name}, at the ${side}`, { timeout: LONGEST }, async () => {
          const run = await runFault(fault, side)
          runs.push(run)
          assert.deepEqual(run.problems, [])
        })
      }
    }
    after((context) => {
      for (const line of formatRuns(what, faults, runs)) context.diagnostic(line)
    })
  })
}
