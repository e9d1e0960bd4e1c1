import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cutShards, type ShardCut } from '../../src/plan/cut-shards.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { costsOf } from '../../src/plan/plan-costs.ts'
import { loadsOf, REQUEST_LOAD } from '../../src/plan/shard-loads.ts'
import { ShardScale } from '../../src/plan/shard-scale.ts'
import { type ImageShape, shapedPlan } from '../builders/shaped-plan.ts'
import { checkProperty } from '../security/check-property.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB
const MANY = 5000
const SHARDS = 16

function images(count: number, shapeOf: (index: number) => ImageShape): readonly ImageShape[] {
  return Array.from({ length: count }, (_, index) => shapeOf(index))
}

/** Images of families of so many; each family shares three base layers. */
function families(count: number, size: number): readonly ImageShape[] {
  return images(count, (index) => {
    const family = index % Math.ceil(count / size)
    const base = { [`a${family}`]: 8 * MIB, [`b${family}`]: 4 * MIB, [`c${family}`]: 2 * MIB }
    return { ...base, [`own ${index}`]: 200 * KIB }
  })
}

/** Each image of a size of its own, the first much larger than the last. */
function zipf(count: number): readonly ImageShape[] {
  return images(count, (index) => ({
    [`own ${index}`]: Math.ceil((100 * MIB) / (index + 1)),
    base: 10 * MIB,
  }))
}

function assertPartition({ shards }: ShardCut, plan: Plan): void {
  assert.deepEqual(
    shards.flat().toSorted((one, other) => one - other),
    [...plan.images.keys()],
  )
  for (const shard of shards) {
    assert.ok(shard.length > 0)
    assert.deepEqual(
      shard,
      shard.toSorted((one, other) => one - other),
    )
  }
}

/** The greatest difference of a shard from the mean, as a part of that. */
function unevenness({ shards, quality }: ShardCut, plan: Plan): number {
  const scale = new ShardScale(loadsOf(plan))
  return Math.max(...shards.map((shard) => Math.abs(scale.weigh(shard).load / quality.mean - 1)))
}

describe('5,000 images in 16 shards are even, and little is read twice', () => {
  const different = images(MANY, (index) => ({ [`own ${index}`]: MIB + ((index * 7919) % MANY) * KIB }))
  for (const [name, shapes, spread] of [
    ['three bases over each hundred, a repository each', families(MANY, 100), true],
    ['families of seven, in one repository', families(MANY, 7), false],
    ['all different, in one repository', different, false],
    ['tiny images with one layer, in one repository', images(MANY, () => ({ tiny: KIB })), false],
    ['sizes from large to small, a repository each', zipf(MANY), true],
  ] as const) {
    test(name, () => {
      const plan = shapedPlan(shapes, { spread })
      const cut = cutShards(plan, SHARDS)
      assertPartition(cut, plan)
      assert.equal(cut.shards.length, SHARDS)
      assert.ok(unevenness(cut, plan) <= 0.15, `off by ${unevenness(cut, plan)}`)
      const { read, leastRead } = cut.quality
      assert.ok(read <= 1.2 * leastRead, `${read / leastRead} times the least`)
    })
  }
})

test('images that share a large layer are not cut apart where shards are even without it', () => {
  const plan = shapedPlan(images(40, (index) => ({ [`base ${index % 4}`]: GIB, [`own ${index}`]: MIB })))
  const { shards, quality } = cutShards(plan, 4)
  assert.deepEqual(
    shards.map((shard) => [...new Set(shard.map((index) => index % 4))]),
    [[0], [1], [2], [3]],
  )
  assert.equal(quality.read, quality.leastRead)
})

test('whatever the images share, each is in one shard, and the quality says what was cut', async (context) => {
  const layer = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 3 }))
  const shape = fc
    .array(layer, { maxLength: 5 })
    .map((layers) =>
      Object.fromEntries(layers.map(([name, power]) => [`${name} ${power}`, 10 ** (3 * power)])),
    )
  const shapes = fc.tuple(
    fc.array(shape, { minLength: 1, maxLength: 40 }),
    fc.integer({ min: 1, max: 50 }),
    fc.boolean(),
  )
  await checkProperty(context, 150, shapes, ([list, wanted, spread]) => {
    const plan = shapedPlan(list, { spread, to: ['prod.example', 'eu.example'] })
    const cut = cutShards(plan, wanted)
    assertPartition(cut, plan)
    assert.equal(cut.shards.length, Math.min(wanted, list.length))
    assert.deepEqual(cutShards(plan, wanted), cut)
    const { read, leastRead, longest, mean } = cut.quality
    assert.ok(read >= leastRead && longest >= mean * (1 - Number.EPSILON))
    if (wanted === 1) assert.equal(read, leastRead)
  })
})

test('images of nearly one size are cut evenly', async (context) => {
  const sizes = fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 300, maxLength: 400 })
  await checkProperty(context, 10, fc.tuple(sizes, fc.integer({ min: 2, max: 12 })), ([list, wanted]) => {
    const plan = shapedPlan(list.map((size, index) => ({ [`own ${index}`]: size * MIB })))
    const cut = cutShards(plan, wanted)
    assert.equal(cut.shards.length, wanted)
    assert.ok(unevenness(cut, plan) <= 0.15, `off by ${unevenness(cut, plan)}`)
  })
})

test('an image that outweighs all others has a shard of its own, and the quality says so', () => {
  const shapes = images(100, (index) => ({ [`own ${index}`]: index === 37 ? 50 * GIB : 100 * MIB }))
  const { shards, quality } = cutShards(shapedPlan(shapes), 8)
  assert.ok(shards.some((shard) => shard.length === 1 && shard[0] === 37))
  assert.equal(shards.length, 8)
  assert.ok(quality.longest > 5 * quality.mean)
})

test('one shard takes what the costs of the plan sum up to', () => {
  const plan = shapedPlan(families(50, 10), { to: ['prod.example', 'eu.example'] })
  const { quality } = cutShards(plan, 1)
  const { hosts } = costsOf(plan)
  const load = hosts.map(({ bytes, requests, looks }) => bytes + (requests + looks) * REQUEST_LOAD)
  assert.equal(
    quality.longest,
    load.reduce((sum, one) => sum + one, 0),
  )
  assert.equal(quality.read, hosts[0]?.bytes)
})

describe('as many shards as are useful', () => {
  const numberFor = (shapes: readonly ImageShape[]) => cutShards(shapedPlan(shapes), 'auto').shards.length

  test('are one for a release that one runner copies in minutes', () => {
    assert.equal(numberFor(families(100, 100)), 1)
  })

  test('are several for one that would take an hour', () => {
    const number = numberFor(images(1000, (index) => ({ [`own ${index}`]: 128 * MIB })))
    assert.ok(number >= 6 && number <= 8, `${number} shards`)
  })

  test('are never more than a matrix has jobs', () => {
    assert.equal(numberFor(images(300, (index) => ({ [`own ${index}`]: 100 * GIB }))), 256)
  })

  test('are one where nothing is to be done', () => {
    const { images: planned } = shapedPlan(families(100, 100))
    const done = planned.map((image) => ({
      ...image,
      targets: image.targets.map((target) => ({ ...target, there: image.graph, manifests: [], tags: [] })),
    }))
    assert.equal(cutShards({ images: done, blobs: [] }, 'auto').shards.length, 1)
  })

  test('are none for no image', () => {
    assert.deepEqual(cutShards({ images: [], blobs: [] }, 4).shards, [])
  })
})
