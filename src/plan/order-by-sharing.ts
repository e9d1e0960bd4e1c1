import type { ShardLoads } from './shard-loads.ts'

/**
 * The images in an order in which those that share much stand together: by the most valuable part that each shares, then by the next one.
 * A part is worth what it takes, times its sharers. Images that share nothing come last, in the order of the plan.
 */
export function orderBySharing({ images, shared }: ShardLoads): readonly number[] {
  const values = shared.map(({ load, sharers }) => load * sharers)
  const ranked = [...values.keys()].sort(
    (one, other) => (values[other] ?? 0) - (values[one] ?? 0) || one - other,
  )
  const ranks = new Map(ranked.map((place, rank) => [place, rank]))
  const keys = images.map(({ parts }) => parts.flatMap((place) => ranks.get(place) ?? []).sort(ascending))
  return [...keys.keys()].sort((one, other) => compare(keys[one] ?? [], keys[other] ?? []) || one - other)
}

/** The first difference decides; nothing is behind everything. */
function compare(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < one.length || at < other.length; at++) {
    const difference = (one[at] ?? Number.MAX_SAFE_INTEGER) - (other[at] ?? Number.MAX_SAFE_INTEGER)
    if (difference !== 0) return difference
  }
  return 0
}

function ascending(one: number, other: number): number {
  return one - other
}
