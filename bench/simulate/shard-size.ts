import { blobsOfGraph } from '../../src/graph/blobs-of-graph.ts'
import type { Digest } from '../../src/oci/digest.ts'
import { SMALL_BLOB } from '../../src/oci/small-blob.ts'
import type { Plan } from '../../src/plan/plan.ts'

/** What one runner has to move, as far as it matters how long that takes; counts and bytes. */
export interface ShardSize {
  readonly images: number
  /** Distinct blobs, by how they are sent. */
  readonly small: number
  readonly large: number
  /** Bytes of distinct blobs. */
  readonly bytes: number
  /** Times that an image needs a blob which another image of the shard has brought to the registry. */
  readonly repeats: number
  /** Bytes of all those. */
  readonly repeatBytes: number
}

/** So many shards of about this size. */
export interface ShardGroup extends ShardSize {
  readonly shards: number
}

/** More groups would make no difference that is seen in a table. */
const MOST_GROUPS = 16

/** What these images of a plan amount to, given to one runner. */
export function sizeOf(plan: Plan, places: readonly number[]): ShardSize {
  const sizes = new Map<Digest, number>()
  let needed = 0
  let neededBytes = 0
  for (const place of places) {
    const graph = plan.images[place]?.graph
    for (const { digest, size } of graph === undefined ? [] : blobsOfGraph(graph)) {
      needed += 1
      neededBytes += size
      sizes.set(digest, size)
    }
  }
  const all = [...sizes.values()]
  const large = all.filter((size) => size > SMALL_BLOB).length
  const bytes = all.reduce((sum, size) => sum + size, 0)
  return {
    images: places.length,
    small: all.length - large,
    large,
    bytes,
    repeats: needed - all.length,
    repeatBytes: neededBytes - bytes,
  }
}

/** Shards by their bytes, those of like size as one group with the mean of each number. */
export function groupShards(shards: readonly ShardSize[]): readonly ShardGroup[] {
  const sorted = shards.toSorted((one, other) => other.bytes - one.bytes)
  const each = Math.ceil(sorted.length / MOST_GROUPS)
  const groups = Map.groupBy(sorted.entries(), ([index]) => Math.floor(index / each))
  return [...groups.values()].map((entries) => {
    const members = entries.map(([, shard]) => shard)
    const mean = (value: (shard: ShardSize) => number) =>
      Math.round(members.reduce((sum, shard) => sum + value(shard), 0) / members.length)
    return {
      shards: members.length,
      images: mean(({ images }) => images),
      small: mean(({ small }) => small),
      large: mean(({ large }) => large),
      bytes: mean(({ bytes }) => bytes),
      repeats: mean(({ repeats }) => repeats),
      repeatBytes: mean(({ repeatBytes }) => repeatBytes),
    }
  })
}
