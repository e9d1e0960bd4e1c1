import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FleetOptions, runFleet } from '../../../bench/simulate/fleet.ts'
import type { RegistryModel } from '../../../bench/simulate/registry-model.ts'
import type { StepWork } from '../../../bench/simulate/work.ts'

const REGISTRY: RegistryModel = {
  name: 'a registry',
  ...{ isOneHost: false, mounts: true, referrersApi: false, quotas: [] },
  latency: 0.1,
}
const OPTIONS: FleetOptions = { concurrency: 10, bandwidth: 1e9, jobStart: 0, jobsAtATime: 100 }

/** A step of so many requests to one registry. */
function asking(requests: number, registry: RegistryModel = REGISTRY): StepWork {
  return {
    hosts: [{ host: 'one', registry, requests: { 'PUT manifest': requests }, read: 0, written: 0 }],
  }
}

/** The registry with a quota of writes. */
function limited(perSecond: number, per: 'account' | 'address'): RegistryModel {
  return { ...REGISTRY, quotas: [{ name: 'writes', kinds: ['PUT manifest'], perSecond, per }] }
}

function assertTime(
  steps: readonly StepWork[],
  runners: number,
  options: Partial<FleetOptions>,
  seconds: number,
) {
  const time = runFleet([{ runners, steps }], { ...OPTIONS, ...options })
  assert.ok(Math.abs(time.seconds - seconds) < 1e-6, `${time.seconds} s: ${time.bottleneck}`)
  return time
}

test('requests take their latency, as many at a time as are allowed in flight', () => {
  assert.equal(assertTime([asking(1000)], 1, {}, 10).bottleneck, 'requests in flight')
  assertTime([asking(1000), asking(1000)], 7, { jobStart: 5 }, 25)
})

test('a step takes as long as its narrowest part', () => {
  const [host] = asking(10).hosts
  assert.ok(host)
  const reading: StepWork = { hosts: [{ ...host, read: 3e9 }] }
  assert.equal(assertTime([reading], 1, {}, 3.0025).bottleneck, "the runner's processor")
  assert.equal(assertTime([reading], 1, { bandwidth: 1e8 }, 30).bottleneck, "the runner's network")
  const queue = { name: 'large blobs', latencies: 400, places: 4 }
  assert.equal(assertTime([{ ...asking(10), queue }], 1, {}, 10).bottleneck, 'large blobs')
})

test('a quota of an account is shared by all runners, one of an address is not', () => {
  assert.equal(assertTime([asking(1000, limited(50, 'account'))], 4, {}, 80).bottleneck, 'writes')
  assertTime([asking(1000, limited(50, 'address'))], 4, {}, 20)
  assertTime([asking(1000, limited(500, 'account'))], 4, {}, 10)
})

test('what one squad leaves of a quota the others get', () => {
  const registry = limited(60, 'account')
  const squads = [100, 1000].map((requests) => ({ runners: 1, steps: [asking(requests, registry)] }))
  // 30 a second each until the smaller one is done, then all for the other.
  const { seconds } = runFleet(squads, OPTIONS)
  assert.ok(Math.abs(seconds - (100 / 30 + 900 / 60)) < 1e-6, `${seconds} s`)
})

test('jobs beyond those that run at a time wait for one to end', () => {
  assertTime([asking(1000)], 5, { jobsAtATime: 2, jobStart: 1 }, 33)
})
