/** One job of a release that is promoted in shards. Bytes and seconds. */
export interface ShardRun {
  /** `plan`, `finish`, or the shard as `1/16`. */
  readonly job: string
  readonly wall: number
  readonly cpu: number
  readonly memory: number
  readonly requests: number
  /** Of layers and configs at the source. */
  readonly read: number
  /** Of blobs and manifests at the target. */
  readonly written: number
  readonly failure: string | null
}

/** A release that was promoted in shards. */
export interface ShardedRun {
  readonly jobs: readonly ShardRun[]
  /** Bytes of all layers and configs at the source, each once. */
  readonly leastRead: number
  /** Tags of images at the target, before `finish` and behind it. */
  readonly tagsBefore: number
  readonly tagsAfter: number
  readonly images: number
}
