import { cutSequence } from './cut-sequence.ts'
import { MOST_SHARDS } from './most-shards.ts'
import { orderBySharing } from './order-by-sharing.ts'
import type { Plan } from './plan.ts'
import { isEmpty } from './plan-totals.ts'
import { loadsOf, RUNNER_LOAD, type ShardLoads } from './shard-loads.ts'
import { ShardScale } from './shard-scale.ts'
import { sum } from './sum.ts'

/** The images of a plan, divided among runners. */
export interface ShardCut {
  /** Places in `plan.images`, ascending; each image is in exactly one shard, and no shard is empty. */
  readonly shards: readonly (readonly number[])[]
  readonly quality: CutQuality
}

/** How good a cut is, in bytes. */
export interface CutQuality {
  /** Bytes of blobs that all shards together read at the source, and how many it would be if each blob were read once. */
  readonly read: number
  readonly leastRead: number
  /** Load of the heaviest shard and of the mean of all, a request counted as the bytes that could be moved meanwhile. */
  readonly longest: number
  readonly mean: number
}

/** By which part of the load shards may differ so that images that share large layers stay together. */
const LEEWAYS = [0, 0.03, 0.06]
/** By which part of the mean a shard may be off: of cuts that are so even, the one that reads least is taken. */
const EVEN = 0.07

/**
 * Divides a plan among so many runners that all end at about the same time, and few of them move what images share; fewer where there are not
 * enough images. `auto` gives each runner about ten minutes of work. Nothing is refused: where one image outweighs the rest, the quality says so.
 */
export function cutShards(plan: Plan, wanted: number | 'auto'): ShardCut {
  const loads = loadsOf(plan)
  const order = orderBySharing(loads)
  const whole = new ShardScale(loads).weigh(order)
  const count = Math.min(wanted === 'auto' ? runnersFor(plan, whole.load) : wanted, order.length)
  const cuts = (count > 1 ? LEEWAYS : [0]).map((leeway) =>
    judge(cutSequence(order, loads, count, leeway), loads, whole.read),
  )
  const evenEnough = Math.max(EVEN, Math.min(...cuts.map(({ unevenness }) => unevenness)))
  const even = cuts.filter(({ unevenness }) => unevenness <= evenEnough)
  const { shards, quality } = even.reduce((one, other) =>
    other.quality.read < one.quality.read ? other : one,
  )
  return { shards: shards.map((images) => images.toSorted((one, other) => one - other)), quality }
}

function runnersFor(plan: Plan, load: number): number {
  return isEmpty(plan) ? 1 : Math.min(MOST_SHARDS, Math.max(1, Math.ceil(load / RUNNER_LOAD)))
}

/** A cut, and by which part of the mean its shards differ from that at most. */
interface JudgedCut extends ShardCut {
  readonly unevenness: number
}

function judge(shards: readonly (readonly number[])[], loads: ShardLoads, leastRead: number): JudgedCut {
  const scale = new ShardScale(loads)
  const weights = shards.map((images) => scale.weigh(images))
  const mean = sum(weights.map(({ load }) => load)) / Math.max(1, shards.length)
  const longest = Math.max(0, ...weights.map(({ load }) => load))
  const read = sum(weights.map((weight) => weight.read))
  const off = Math.max(0, ...weights.map(({ load }) => Math.abs(load - mean)))
  return { shards, quality: { read, leastRead, longest, mean }, unevenness: mean === 0 ? 0 : off / mean }
}
