/** Time, as far as a limit needs it. */
export interface Clock {
  /** Milliseconds since any moment. */
  now(): number
  /** Runs once after so many milliseconds; the function returned stops that. */
  later(milliseconds: number, run: () => void): () => void
}

interface Waiting {
  readonly owner: object
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** The time of this machine; it never goes back. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  later: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}

/**
 * How many requests may be in flight to one host: as many as allowed at first, half as many when the host asks for patience, one more
 * after as many successes as are allowed at a time. While the host has asked to be left alone, nobody enters.
 */
export class HostLimit {
  readonly #most: number
  readonly #clock: Clock
  /** Who waits, in the order of coming; the urgent ones in front of all others. */
  #urgent: Waiting[] = []
  #others: Waiting[] = []
  #limit: number
  #inFlight = 0
  #successes = 0
  #round = 0
  #quietUntil = Number.NEGATIVE_INFINITY
  #stopTimer: (() => void) | undefined

  constructor(most: number, clock: Clock = SYSTEM_CLOCK) {
    this.#most = most
    this.#limit = most
    this.#clock = clock
  }

  /** How many requests may be in flight now. */
  get limit(): number {
    return this.#limit
  }

  /** Counts up when the limit is lowered: what was sent in an earlier round says nothing about the new limit. */
  get round(): number {
    return this.#round
  }

  /** Takes a place; undefined when there was one at once, so that nobody waits for a promise where nothing is limited. */
  enter(owner: object, urgent = false): Promise<void> | undefined {
    if (!this.#isAwaited() && this.#inFlight < this.#limit && !this.#isQuiet()) {
      this.#inFlight += 1
      return undefined
    }
    return new Promise((resolve, reject) => {
      const queue = urgent ? this.#urgent : this.#others
      queue.push({ owner, resolve, reject })
      this.#admit()
    })
  }

  /** Gives a place back. */
  leave(): void {
    this.#inFlight -= 1
    if (this.#isAwaited()) this.#admit()
  }

  /** A request of this round was taken. */
  succeeded(round: number): void {
    if (this.#limit === this.#most || round !== this.#round) return
    this.#successes += 1
    if (this.#successes < this.#limit) return
    this.#successes = 0
    this.#limit += 1
    this.#admit()
  }

  /** The host asked for patience; for `wait` milliseconds it is left alone. Lowers the limit once a round, and says whether it did. */
  refused(round: number, wait: number): boolean {
    this.#quietUntil = Math.max(this.#quietUntil, this.#clock.now() + wait)
    if (round !== this.#round) return false
    this.#round += 1
    this.#successes = 0
    this.#limit = Math.max(1, this.#limit >> 1)
    return true
  }

  /** Sends away with this reason whoever of this owner still waits. */
  dismiss(owner: object, reason: unknown): void {
    const waiting = [...this.#urgent, ...this.#others]
    const isOther = (one: Waiting) => one.owner !== owner
    this.#urgent = this.#urgent.filter(isOther)
    this.#others = this.#others.filter(isOther)
    if (!this.#isAwaited()) this.#stopTimer?.()
    for (const one of waiting) if (!isOther(one)) one.reject(reason)
  }

  #isAwaited(): boolean {
    return this.#urgent.length > 0 || this.#others.length > 0
  }

  #admit(): void {
    if (this.#isQuiet()) {
      this.#admitLater()
      return
    }
    while (this.#inFlight < this.#limit) {
      const next = this.#urgent.shift() ?? this.#others.shift()
      if (next === undefined) return
      this.#inFlight += 1
      next.resolve()
    }
  }

  #admitLater(): void {
    this.#stopTimer?.()
    this.#stopTimer = this.#clock.later(this.#quietUntil - this.#clock.now(), () => {
      this.#stopTimer = undefined
      if (this.#isAwaited()) this.#admit()
    })
  }

  /** The clock is not asked where no host has ever asked for patience. */
  #isQuiet(): boolean {
    return this.#round > 0 && this.#clock.now() < this.#quietUntil
  }
}
