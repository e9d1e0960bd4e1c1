import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { type NamedReport, requireParts } from '../../src/report/require-parts.ts'
import type { ReportedError, RunResult } from '../../src/report/run-result.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { reportedRun } from '../builders/reported-run.ts'

const DIGEST = digestOf('plan')
const PLAN = { place: 'plan.json', digest: DIGEST, shards: 2 }

/** The report of a run that applied a part and ended in this minute. */
function reportOf(part: string, minute: number, change: Partial<RunResult> = {}): NamedReport {
  const plan = { ...PLAN, shard: part }
  const finishedAt = `2026-01-02T03:${String(minute).padStart(2, '0')}:00.000Z`
  return { name: `${part} at ${minute}`, run: reportedRun({ plan, finishedAt, ...change }) }
}

function failedWith(message: string): Partial<RunResult> {
  const error: ReportedError = { kind: 'registry', message }
  return { succeeded: false, exitCode: 4, errors: [error] }
}

/** When the runs ended that were chosen. */
function chosenOf(reports: readonly NamedReport[]): readonly (readonly [string | undefined, string])[] {
  return requireParts(reports, PLAN).map(({ plan, finishedAt }) => [plan?.shard, finishedAt.slice(14, 16)])
}

async function refusals(reports: readonly NamedReport[]): Promise<readonly (readonly [string, string])[]> {
  const problems = await problemsOf(() => requireParts(reports, PLAN))
  assert.ok(problems.every(({ hint }) => hint))
  return problems.map(({ kind, message }) => [kind, message])
}

describe('the runs that applied a plan', () => {
  test('are in the order of its parts, in whatever order the reports come', () => {
    assert.deepEqual(chosenOf([reportOf('2/2', 10), reportOf('1/2', 20)]), [
      ['1/2', '20'],
      ['2/2', '10'],
    ])
  })

  for (const minutes of [
    [10, 30, 20],
    [30, 10, 20],
  ]) {
    test(`are the last of each part, of those that ended at ${minutes.join(', ')}`, () => {
      const again = minutes.map((minute) => reportOf('1/2', minute))
      assert.deepEqual(chosenOf([...again, reportOf('2/2', 5)]), [
        ['1/2', '30'],
        ['2/2', '05'],
      ])
    })
  }

  test('are those that succeeded, though one that failed came after', () => {
    const reports = [reportOf('1/2', 10), reportOf('1/2', 20, failedWith('late')), reportOf('2/2', 10)]
    assert.deepEqual(chosenOf(reports), [
      ['1/2', '10'],
      ['2/2', '10'],
    ])
  })
})

describe('it is refused', () => {
  test('that a part has no report, or none of a run that succeeded: then the last error is told', async () => {
    const failures = [[10, 'first'] as const, [30, 'last'] as const, [20, 'second'] as const]
    const reports = failures.map(([minute, message]) => reportOf('2/2', minute, failedWith(message)))
    assert.deepEqual(await refusals(reports), [
      ['incomplete', 'There is no report of part 1/2 of the plan'],
      ['incomplete', 'Part 2/2 of the plan has failed, as 2/2 at 30 says: last'],
    ])
  })

  test('that a report is of something else, beside what is missing because of that', async () => {
    const other = digestOf('another plan')
    const reports = [
      reportOf('1/2', 10, { plan: { ...PLAN, shard: '1/2', digest: other } }),
      reportOf('1/2', 20, { plan: PLAN }),
      reportOf('1/2', 30, { plan: null }),
      reportOf('1/2', 40, { command: 'finish' }),
      reportOf('2/2', 10),
    ]
    assert.deepEqual(await refusals(reports), [
      ['input', `1/2 at 10 is the report of a part of another plan, ${other}`],
      ['input', '1/2 at 20 is the report of a run of promote that applied no part of a plan'],
      ['input', '1/2 at 30 is the report of a run of promote that applied no part of a plan'],
      ['input', '1/2 at 40 is the report of a run of finish that applied no part of a plan'],
      ['incomplete', 'There is no report of part 1/2 of the plan'],
    ])
  })
})
