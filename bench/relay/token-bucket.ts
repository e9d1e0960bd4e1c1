const MILLISECONDS = 1000
/** So many unused milliseconds may be made up for: timers come late, and would cost bandwidth otherwise. */
const CREDIT = 10

/** The bandwidth of one direction, shared by all connections. */
export class TokenBucket {
  readonly #bytesPerMillisecond: number
  #free = 0

  /** Takes bytes a second; `Infinity` for no limit. */
  constructor(bytesPerSecond: number) {
    this.#bytesPerMillisecond = bytesPerSecond / MILLISECONDS
  }

  /** When so many bytes that are ready at `now` have passed; both times in milliseconds. */
  take(bytes: number, now: number): number {
    this.#free = Math.max(now - CREDIT, this.#free) + bytes / this.#bytesPerMillisecond
    return this.#free
  }
}
