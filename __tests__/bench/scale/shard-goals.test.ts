import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatShards, judgeShards } from '../../../bench/scale/shard-goals.ts'
import type { ShardedRun, ShardRun } from '../../../bench/scale/shard-run.ts'

const MIB = 1024 * 1024

function job(name: string, parts: Partial<ShardRun> = {}): ShardRun {
  const usual = { wall: 1, cpu: 1, memory: 200 * MIB, requests: 1000, read: 500, written: 500, failure: null }
  return { job: name, ...usual, ...parts }
}

/** Four shards of 500 bytes each, of a release of 2,000. */
function verdicts(shards: readonly Partial<ShardRun>[], parts: Partial<ShardedRun> = {}): readonly boolean[] {
  const jobs = [
    job('plan'),
    ...[0, 1, 2, 3].map((at) => job(`${at + 1}/4`, shards[at])),
    job('finish', { read: 1_000_000 }),
  ]
  const run = { jobs, leastRead: 2000, tagsBefore: 0, tagsAfter: 9, images: 9, ...parts }
  return judgeShards(run).map(({ met }) => met)
}

test('even shards that read everything once meet all goals', () => {
  assert.deepEqual(verdicts([]), [true, true, true, true])
})

test('memory is that of the job that takes most', () => {
  assert.deepEqual(verdicts([{}, { memory: 301 * MIB }]), [false, true, true, true])
})

test('a shard that is too small is as uneven as one that is too large', () => {
  assert.deepEqual(verdicts([{ requests: 1300 }]), [true, false, true, true])
  assert.deepEqual(verdicts([{ requests: 700 }]), [true, false, true, true])
})

test('what is read again counts, but not what finish reads', () => {
  assert.deepEqual(verdicts([{ read: 1000 }]), [true, true, false, true])
})

test('a tag before finish, or one too few behind it, is no release', () => {
  assert.deepEqual(verdicts([], { tagsBefore: 1 }), [true, true, true, false])
  assert.deepEqual(verdicts([], { tagsAfter: 8 }), [true, true, true, false])
})

test('a job that failed meets nothing, and the table says why', () => {
  const failed = { failure: 'exit code 1: no' }
  assert.deepEqual(verdicts([failed]), [false, false, false, false])
  assert.match(formatShards([job('1/4', failed)]), /\| 1\/4 \| failed: exit code 1: no \|/)
})
