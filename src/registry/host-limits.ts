import { type Clock, HostLimit, SYSTEM_CLOCK } from './host-limit.ts'

/** Told when a host asked for patience: milliseconds until the next request to it, and how many may be in flight from then on. */
export type OnWait = (host: string, milliseconds: number, limit: number) => void

/** A request's place among those in flight to its host. */
export interface Place {
  /** What the answer's status says of the host: with a wait in milliseconds that it asks for patience. */
  answered(wait: number | undefined): void
  /** Gives the place back; may be called again. */
  leave(): void
}

/** The most requests in flight to one host, unless told otherwise. */
export const MOST_IN_FLIGHT = 64
/** Milliseconds in which the wait for a host is told at most once. */
const TELLING_PAUSE = 10_000

/** One limit a host for all that is asked of it: manifests, blobs, referrers, tags and tokens. */
export class HostLimits {
  /** The most requests in flight to one host. */
  readonly most: number
  readonly #onWait: OnWait | undefined
  readonly #clock: Clock
  readonly #limits = new Map<string, HostLimit>()
  readonly #told = new Map<string, number>()

  constructor(most = MOST_IN_FLIGHT, onWait?: OnWait, clock: Clock = SYSTEM_CLOCK) {
    this.most = most
    this.#onWait = onWait
    this.#clock = clock
  }

  /** A place for one request to this host; a promise only where none is free. An urgent one goes in front of the others that wait. */
  enter(host: string, owner: object, urgent = false): Place | Promise<Place> {
    const limit = this.#of(host)
    const wait = limit.enter(owner, urgent)
    return wait === undefined ? this.#place(host, limit) : wait.then(() => this.#place(host, limit))
  }

  /** Sends away with this reason whoever of this owner still waits. */
  dismiss(owner: object, reason: unknown): void {
    for (const limit of this.#limits.values()) limit.dismiss(owner, reason)
  }

  #of(host: string): HostLimit {
    const known = this.#limits.get(host)
    if (known !== undefined) return known
    const limit = new HostLimit(this.most, this.#clock)
    this.#limits.set(host, limit)
    return limit
  }

  #place(host: string, limit: HostLimit): Place {
    const { round } = limit
    let isTaken = true
    return {
      answered: (wait) => {
        if (wait === undefined) limit.succeeded(round)
        else if (limit.refused(round, wait)) this.#tell(host, wait, limit.limit)
      },
      leave: () => {
        if (isTaken) limit.leave()
        isTaken = false
      },
    }
  }

  #tell(host: string, wait: number, limit: number): void {
    const now = this.#clock.now()
    const last = this.#told.get(host)
    if (wait === 0 || (last !== undefined && now - last < TELLING_PAUSE)) return
    this.#told.set(host, now)
    this.#onWait?.(host, wait, limit)
  }
}
