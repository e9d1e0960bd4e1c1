import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeGoals } from '../../bench/goals.ts'
import { median } from '../../bench/median.ts'
import type { Summary } from '../../bench/summary.ts'

const RELEASE_BYTES = 1_000_000
const TRAFFIC = {
  requests: 3000,
  sourceRequests: 1000,
  targetRequests: 2000,
  readFromSource: RELEASE_BYTES,
  readFromTarget: 0,
  writtenToTarget: RELEASE_BYTES,
  connections: 128,
  inFlight: 64,
}

/** A run of B at 25 ms in which everything arrived. */
function summary(tool: string, parts: Partial<Summary>): Summary {
  const share = { arrived: 100, expected: 100 }
  return {
    ...{ workload: 'B', link: '25 ms', tool, runs: 1, failures: [], complete: true, traffic: TRAFFIC },
    ...{ wall: 1, cpu: 1, memory: 1, arrivals: { images: share, sig: share, att: share, referrers: share } },
    ...parts,
  }
}

/** The verdict on the only goal whose text begins and ends so. */
function verdict(summaries: readonly Summary[], words: string) {
  const found = judgeGoals({ summaries, releaseBytes: RELEASE_BYTES }).filter(({ goal }) =>
    goal.includes(words),
  )
  assert.ok(found.length <= 1, `${found.length} goals`)
  return found[0]
}

test('a goal is judged by the ratio to the fastest tool that brought everything', () => {
  const peers = [
    summary('crane', { wall: 5 }),
    summary('regsync', { wall: 6 }),
    summary('skopeo', { wall: 1, complete: false }),
  ]
  const words = 'B, 25 ms, ours: at least 2.5× faster than the fastest complete tool'
  const met = verdict([...peers, summary('ours', { wall: 2 })], words)
  assert.deepEqual([met?.best, met?.ours, met?.met], ['crane, 5.00 s', '2.00 s, 2.50×', true])
  assert.equal(verdict([...peers, summary('ours', { wall: 2.01 })], words)?.met, false)
})

test('a run of ours that left something out meets no goal', () => {
  const peers = [summary('imgpkg', { wall: 50 })]
  const words = 'B, 25 ms, ours: at least 5× faster than imgpkg'
  assert.equal(verdict([...peers, summary('ours', {})], words)?.met, true)
  assert.equal(verdict([...peers, summary('ours', { complete: false })], words)?.met, false)
})

test('what was not measured is not judged', () => {
  assert.equal(verdict([summary('ours', {})], 'imgpkg'), undefined)
  assert.deepEqual(judgeGoals({ summaries: [], releaseBytes: 1 }), [])
})

test('requests are counted an image, and compared with the peer that needs fewest', () => {
  const words = 'B, 25 ms, ours: at most 48 requests an image'
  const ours = (requests: number) => summary('ours', { traffic: { ...TRAFFIC, requests } })
  const peers = [summary('crane', { traffic: { ...TRAFFIC, requests: 5000 } })]
  const judged = verdict([...peers, ours(4810)], words)
  assert.deepEqual([judged?.best, judged?.ours, judged?.met], ['crane, 50.0', '48.1', true])
  assert.equal(verdict([...peers, ours(4900)], words)?.met, false)
})

test('reading more than the content and its headers is not reading once', () => {
  const words = 'B, 25 ms, ours: each byte of the source is read once'
  const ours = (bytes: number) => summary('ours', { traffic: { ...TRAFFIC, readFromSource: bytes } })
  assert.equal(verdict([ours(1_100_000)], words)?.met, true)
  assert.equal(verdict([ours(1_110_000)], words)?.met, false)
})

test('a second run is compared with our own first one', () => {
  const words = 'D, 25 ms, ours: at most 1.7× the time of C'
  const runs = (wall: number) => [
    summary('ours', { workload: 'C', wall: 1 }),
    summary('ours', { workload: 'D', wall }),
  ]
  assert.equal(verdict(runs(1.7), words)?.met, true)
  assert.equal(verdict(runs(1.8), words)?.met, false)
})

test('the median is the middle, or the mean of the two there', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 3, 2]), 2.5)
  assert.ok(Number.isNaN(median([])))
})
