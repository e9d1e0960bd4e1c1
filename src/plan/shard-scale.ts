import type { ShardLoads } from './shard-loads.ts'

/** Adds up what the images of one shard take, each part of theirs once; weighs one shard at a time. */
export class ShardScale {
  /** Bytes, requests among them. */
  load = 0
  /** Bytes that are read at the source. */
  read = 0
  readonly #loads: ShardLoads
  /** The shard in which each part was weighed last. */
  readonly #weighed: Int32Array
  #shard = 0

  constructor(loads: ShardLoads) {
    this.#loads = loads
    this.#weighed = new Int32Array(loads.shared.length)
  }

  /** Begins another shard. */
  clear(): void {
    this.#shard += 1
    this.load = 0
    this.read = 0
  }

  add(image: number): void {
    const { images, shared } = this.#loads
    const own = images[image]
    if (own === undefined) return
    this.load += own.load
    this.read += own.read
    for (const place of own.parts) {
      if (this.#weighed[place] === this.#shard) continue
      this.#weighed[place] = this.#shard
      this.load += shared[place]?.load ?? 0
      this.read += shared[place]?.read ?? 0
    }
  }

  /** Weighs a whole shard. */
  weigh(images: readonly number[]): { readonly load: number; readonly read: number } {
    this.clear()
    for (const image of images) this.add(image)
    return { load: this.load, read: this.read }
  }
}
