import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ONE_HOST, planRelease, THREE_HOSTS } from '../../../bench/simulate/plan-release.ts'
import { makeRelease } from '../../../bench/simulate/release.ts'
import { groupShards, sizeOf } from '../../../bench/simulate/shard-size.ts'
import { totalsOf } from '../../../src/plan/plan-totals.ts'

const SIZE = { images: 200, bytes: 20e9 }

test('a release has so many bytes, each blob counted once, and is the same for the same seed', () => {
  const release = makeRelease(SIZE)
  const layers = release
    .flatMap(({ graph }) => [...graph.manifests.values()])
    .flatMap((manifest) => (manifest.kind === 'image' ? manifest.layers : []))
  const distinct = new Map(layers.map(({ digest, size }) => [digest, size]))
  const bytes = [...distinct.values()].reduce((sum, size) => sum + size, 0)
  assert.ok(Math.abs(bytes / SIZE.bytes - 1) < 0.01, `${bytes} bytes`)
  assert.deepEqual(makeRelease(SIZE), release)
  assert.notDeepEqual(makeRelease(SIZE, 2), release)
})

test('what a shard moves is what the plan of the product says', () => {
  const release = makeRelease(SIZE)
  const plan = planRelease(release, THREE_HOSTS)
  const { small, large, bytes, repeats } = sizeOf(plan, [...release.keys()])
  const { blobs, mounts } = totalsOf(plan)
  assert.equal(blobs, 3 * (small + large))
  assert.equal(mounts, 3 * repeats)
  assert.equal(
    bytes,
    plan.blobs.reduce((sum, { blob }) => sum + blob.size, 0),
  )
  const onOne = totalsOf(planRelease(release, ONE_HOST))
  assert.equal(onOne.blobs, small + large)
  assert.equal(onOne.mounts, 3 * repeats + 2 * (small + large))
})

test('shards of like size become groups that hold as many of them', () => {
  const plan = planRelease(makeRelease(SIZE), THREE_HOSTS)
  const shards = Array.from({ length: 40 }, (_, index) => sizeOf(plan, [index * 5, index * 5 + 1]))
  const groups = groupShards(shards)
  assert.ok(groups.length <= 16)
  assert.equal(
    groups.reduce((sum, group) => sum + group.shards, 0),
    40,
  )
  const bytes = groups.reduce((sum, group) => sum + group.shards * group.bytes, 0)
  const all = shards.reduce((sum, shard) => sum + shard.bytes, 0)
  assert.ok(Math.abs(bytes / all - 1) < 0.001)
})
