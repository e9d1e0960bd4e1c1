import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RegistryModel } from './registry-model.ts'
import { type RunTime, shardJobs } from './runs.ts'
import type { ShardGroup } from './shard-size.ts'

/** A link of the bench's relay to both registries, and a release of the bench; milliseconds, bytes a second. */
export interface MeasuredShape {
  readonly images: number
  readonly delay: number
  readonly bandwidth: number | null
  readonly concurrency: number
}

/** What the program took on it. */
export interface MeasuredLink extends MeasuredShape {
  readonly seconds: number
  readonly requests: number
}

/** Where the measurements are kept. */
export const MEASURED_FILE = resolve(import.meta.dirname, 'measured-links.json')

/** Shapes in which the link is what a run waits for, and not the processors that registries, relay and program share here. */
export const MEASURED_SHAPES: readonly MeasuredShape[] = [
  { images: 30, delay: 100, bandwidth: null, concurrency: 4 },
  { images: 50, delay: 100, bandwidth: null, concurrency: 8 },
  { images: 50, delay: 10, bandwidth: 1_000_000, concurrency: 64 },
]

/** The last measurements that were made. */
export function readMeasuredLinks(): readonly MeasuredLink[] {
  return JSON.parse(readFileSync(MEASURED_FILE, 'utf8'))
}

const KIB = 1024
const MIB = 1024 * KIB
const BASE_BYTES = 14 * MIB
const BASE_LAYERS = 3
const OWN_LAYER = 200 * KIB
/** Of each image: its layer, two configs, and a config and a layer of `.sig` and of `.att`. */
const SMALL_BLOBS = 7

/** What the model says of the same. */
export function modelOf({ images, delay, bandwidth, concurrency }: MeasuredShape): RunTime {
  const registry: RegistryModel = {
    name: 'relay',
    ...{ isOneHost: false, mounts: true, referrersApi: false, quotas: [] },
    latency: delay / 1000,
    ...(bandwidth !== null && { download: bandwidth, upload: bandwidth }),
  }
  const group: ShardGroup = {
    ...{ shards: 1, images, small: images * SMALL_BLOBS, large: BASE_LAYERS },
    bytes: BASE_BYTES + images * OWN_LAYER,
    ...{ repeats: BASE_LAYERS * (images - 1), repeatBytes: BASE_BYTES * (images - 1) },
  }
  return shardJobs(
    { source: registry, target: registry, targets: 1, readBack: 'head' },
    { groups: [group], concurrency, jobStart: 0, bandwidth: Number.POSITIVE_INFINITY },
  )
}
