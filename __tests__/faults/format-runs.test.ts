import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAULTS } from '../fakes/registry-named-faults.ts'
import { formatRuns } from './format-runs.ts'
import type { FaultRun } from './run-fault.ts'

test('a fault counts as handled when all its runs were as they should be, in the order of the faults', () => {
  const [first, second, third] = FAULTS
  assert.ok(first && second && third)
  const run = {
    outcome: 'survived',
    seconds: 1.25,
    requests: 12,
    leaks: 0,
    message: '',
    problems: [],
  } as const
  const runs: readonly FaultRun[] = [
    { ...run, fault: second, side: 'source' },
    { ...run, fault: second, side: 'target', problems: ['wrong'], leaks: 2 },
    { ...run, fault: first, side: 'target' },
  ]
  const lines = formatRuns('faults are survived', [first, second, third], runs)
  assert.deepEqual(
    lines.map((line) => line.replace(/ {2,}/g, ' ')),
    [
      `${first.name} target survived 1.3 12`,
      `${second.name} source survived 1.3 12`,
      `${second.name} target survived 1.3 12 WRONG`,
      '1 of 3 faults are survived, 2 credential headers at another origin',
    ],
  )
})
