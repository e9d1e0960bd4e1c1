/** Something under way that must not stand still. */
export interface Watched {
  /** Whether it is the other end's turn; what waits for us is not idle. */
  readonly isWaiting: boolean
  /** Bytes that have moved so far. */
  readonly moved: number
  /** Milliseconds in which something has to move. */
  readonly patience: number
  /** What it does ends the watch. */
  giveUp(): void
}

/** One thing that is watched; handed back to end that. */
export interface Watch<T extends Watched> {
  readonly one: T
  /** Where it stands in the list; negative when it is no longer watched. */
  at: number
  /** What had moved when it was last seen to move. */
  moved: number
  /** Milliseconds since then; undefined before the first look. */
  idle: number | undefined
}

/** Fewer bytes than this within the patience are as good as none. */
const LEAST_PROGRESS = 1024
/** Looks within the patience: it is overrun by two of them at most. */
const LOOKS = 15
/** Milliseconds. */
const SHORTEST_INTERVAL = 5

/** Gives up what stands still. One timer for all, which runs only while something is watched and does not keep the process alive. */
export class IdleWatch<T extends Watched> {
  readonly #interval: number
  /** A list, and not a Set: one that is filled and emptied thousands of times a second keeps the garbage collector busy. */
  readonly #watches: Watch<T>[] = []
  #timer: NodeJS.Timeout | undefined
  #lastLook = 0

  /** `idleTimeout`: the shortest patience of all, in milliseconds. */
  constructor(idleTimeout: number) {
    this.#interval = Math.max(SHORTEST_INTERVAL, idleTimeout / LOOKS)
  }

  add(one: T): Watch<T> {
    const watch: Watch<T> = { one, at: this.#watches.length, moved: 0, idle: undefined }
    this.#watches.push(watch)
    if (this.#timer === undefined) this.#start()
    return watch
  }

  /** May be called again. */
  remove(watch: Watch<T>): void {
    const last = this.#watches.at(-1)
    if (watch.at < 0 || last === undefined) return
    this.#watches[watch.at] = last
    last.at = watch.at
    this.#watches.pop()
    watch.at = -1
  }

  /** Everything that is watched now. */
  all(): readonly T[] {
    return this.#watches.map(({ one }) => one)
  }

  #start(): void {
    this.#lastLook = performance.now()
    this.#timer = setInterval(() => this.#look(), this.#interval).unref()
  }

  #look(): void {
    if (this.#watches.length === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const now = performance.now()
    // A machine that slept, or was too busy to look, has not seen what arrived meanwhile: that time counts for one look.
    const passed = Math.min(now - this.#lastLook, 2 * this.#interval)
    this.#lastLook = now
    // Whoever is given up leaves the list meanwhile.
    for (const watch of this.#watches.slice()) {
      const { one, idle } = watch
      if (idle === undefined || !one.isWaiting || one.moved - watch.moved >= LEAST_PROGRESS) {
        watch.moved = one.moved
        watch.idle = 0
      } else {
        watch.idle = idle + passed
        if (watch.idle >= one.patience) one.giveUp()
      }
    }
  }
}
