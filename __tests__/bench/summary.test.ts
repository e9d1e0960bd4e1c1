import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Traffic } from '../../bench/relay/traffic.ts'
import type { Run } from '../../bench/run.ts'
import { summarise } from '../../bench/summary.ts'
import { formatWorkloads } from '../../bench/tables.ts'

const ALL = { arrived: 2, expected: 2 }
const NONE = { arrived: 0, expected: 0 }
const ARRIVALS = { images: ALL, sig: ALL, att: ALL, referrers: NONE }

function run(tool: string, wall: number, parts: Partial<Run> = {}): Run {
  return {
    ...{ workload: 'B', link: '25 ms', tool, repetition: 1, wall, cpu: wall, memory: 1024 * 1024 },
    ...{ source: traffic(3), target: traffic(5), arrivals: ARRIVALS, failure: null },
    ...parts,
  }
}

function traffic(requests: number): Traffic {
  const counts = { 'GET blob': requests - 1, 'GET manifest': 1 }
  return { requests: counts, statuses: {}, sent: 10, received: 20, connections: 2, inFlight: requests }
}

test('several runs of a tool become one line of medians', () => {
  const summaries = summarise([run('crane', 3), run('ours', 1), run('crane', 1), run('crane', 2)])
  assert.deepEqual(
    summaries.map(({ tool, wall, runs }) => [tool, wall, runs]),
    [
      ['crane', 2, 3],
      ['ours', 1, 1],
    ],
  )
})

test('requests and bytes are told apart by side', () => {
  const [summary] = summarise([run('crane', 1)])
  const expected = {
    requests: 8,
    sourceRequests: 3,
    targetRequests: 5,
    readFromSource: 20,
    writtenToTarget: 10,
  }
  assert.deepEqual({ ...summary?.traffic, ...expected }, summary?.traffic)
  assert.deepEqual([summary?.traffic?.connections, summary?.traffic?.inFlight], [4, 5])
})

test('one run that left something out makes the tool incomplete, and shows what', () => {
  const lossy = run('imgpkg', 1, { arrivals: { ...ARRIVALS, att: { arrived: 0, expected: 2 } } })
  const summaries = summarise([run('imgpkg', 1), lossy])
  assert.equal(summaries[0]?.complete, false)
  assert.match(formatWorkloads(summaries), /\| images 2 of 2, sig 2 of 2, att 0 of 2 \|/)
})

test('a failed run makes the tool incomplete, and the table says so', () => {
  const summaries = summarise([run('crane', 1), run('crane', 1, { failure: 'exit code 1' })])
  assert.equal(summaries[0]?.complete, false)
  assert.match(formatWorkloads(summaries), /\| 1 of 2 runs failed \|/)
})

test('what is not behind a relay has no numbers of requests', () => {
  const summaries = summarise([run('crane', 1, { source: null, target: null })])
  assert.equal(summaries[0]?.traffic, null)
})

test('the fastest tool stands first', () => {
  const table = formatWorkloads(summarise([run('slow', 9), run('fast', 1)]))
  assert.ok(table.indexOf('| fast |') < table.indexOf('| slow |'), table)
})
