import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Crowd, playCrowd } from '../../../bench/simulate/crowd.ts'

const CROWD: Crowd = { runners: 1, concurrency: 8, latency: 0.05, pace: 20, counted: 0.5, perSecond: 20 }

test('who asks for less than is allowed is never refused', async () => {
  const { used, givenUp, refusals } = await playCrowd(CROWD)
  assert.ok(used > 0.45 && used <= 0.5, `${used} used`)
  assert.deepEqual([givenUp, refusals], [0, 0])
})

test('one runner finds the pace of a limit, and a crowd of them does not', async () => {
  const limited = { ...CROWD, pace: 30, perSecond: 5 }
  const one = await playCrowd(limited)
  assert.ok(one.used > 0.9, `${one.used} used`)
  assert.ok(one.givenUp < 0.01, `${one.givenUp} given up`)
  const many = await playCrowd({ ...limited, runners: 32 })
  assert.ok(many.givenUp > 0.1, `${many.givenUp} given up`)
  assert.ok(many.refusals > 5 * one.refusals)
})
