import { HostLimit } from '../../src/registry/host-limit.ts'
import { RETRY_POLICY } from '../../src/registry/retry.ts'
import { ASSUMPTIONS } from './assumptions.ts'
import { chanceFrom } from './chance.ts'
import { EventQueue } from './event-queue.ts'

/** Runners that ask one registry for more than it allows. Seconds. */
export interface Crowd {
  readonly runners: number
  /** Requests in flight of each, at first. */
  readonly concurrency: number
  readonly latency: number
  /** Requests a second that each would make if it were let. */
  readonly pace: number
  /** Which part of them is counted against the limit. */
  readonly counted: number
  /** How many of those the registry takes in a second, of all runners together. */
  readonly perSecond: number
}

/** What becomes of them. */
export interface Throttled {
  /** Counted requests that are taken, as a part of those that may be. */
  readonly used: number
  /** Part of the counted requests that are given up after the last retry; one is enough for its run to fail. */
  readonly givenUp: number
  /** Answers 429 for each counted request that is taken. */
  readonly refusals: number
}

const SECOND = 1000
/** Simulated seconds, and the events after which a crowd is known well enough. */
const LONGEST = 120
const MOST_EVENTS = 200_000
/** More runners than these are played by so many, each with the share of the registry that it would have among all. */
const PLAYED = 8
/** Pieces of work that a runner has under way, each waiting for one request (copy/copy-images.ts). */
const PIECES = 128
const SEED = 7

/** Plays a crowd request by request, with the product's own limit of requests in flight and its own waits. */
export async function playCrowd(crowd: Crowd): Promise<Throttled> {
  const runners = Math.min(crowd.runners, PLAYED)
  const play = new Play({ ...crowd, perSecond: (crowd.perSecond * runners) / crowd.runners })
  for (let runner = 0; runner < runners; runner++) play.startRunner()
  await play.clock.run(LONGEST * SECOND, MOST_EVENTS)
  return play.outcome()
}

class Play {
  readonly clock = new EventQueue()
  readonly #crowd: Crowd
  readonly #chance = chanceFrom(SEED)
  #free: number
  #filledAt = 0
  #asked = 0
  #taken = 0
  #refused = 0
  #givenUp = 0

  constructor(crowd: Crowd) {
    this.#crowd = crowd
    this.#free = this.#most
  }

  startRunner(): void {
    const { concurrency, pace } = this.#crowd
    const limit = new HostLimit(concurrency, this.clock)
    let begins = 0
    const turn = () => {
      begins = Math.max(begins + SECOND / pace, this.clock.now())
      return this.clock.sleep(begins - this.clock.now())
    }
    for (let piece = 0; piece < PIECES; piece++) void this.#work(limit, turn)
  }

  outcome(): Throttled {
    const seconds = this.clock.now() / SECOND
    const ended = this.#taken + this.#givenUp
    const refused = this.#refused / (this.#taken + this.#refused)
    return {
      used: Math.min(1, this.#taken / (this.#most + this.#crowd.perSecond * seconds)),
      // What is rare is seldom seen in so short a time: then the chance that every attempt is refused says more.
      givenUp: Math.max(this.#givenUp / ended, refused ** (RETRY_POLICY.retries + 1)),
      refusals: this.#refused / this.#taken,
    }
  }

  async #work(limit: HostLimit, turn: () => Promise<void>): Promise<never> {
    for (;;) {
      await turn()
      this.#asked += 1
      const { counted } = this.#crowd
      const isCounted = Math.floor(this.#asked * counted) > Math.floor((this.#asked - 1) * counted)
      if (!(await this.#request(limit, isCounted))) this.#givenUp += 1
    }
  }

  /** Whether it was taken in the end. */
  async #request(limit: HostLimit, isCounted: boolean): Promise<boolean> {
    for (let tried = 0; tried <= RETRY_POLICY.retries; tried++) {
      await limit.enter(this)
      const { round } = limit
      await this.clock.sleep(this.#crowd.latency * SECOND)
      const isTaken = !isCounted || this.#take()
      if (isTaken) limit.succeeded(round)
      else limit.refused(round, this.#waitBefore(0))
      limit.leave()
      if (isTaken) return true
      await this.clock.sleep(this.#waitBefore(tried))
    }
    return false
  }

  /** The product's waits without a `Retry-After` (registry/retry.ts). */
  #waitBefore(tried: number): number {
    const { firstDelay, longestDelay } = RETRY_POLICY
    return Math.min(longestDelay, firstDelay * 2 ** tried) * (0.5 + this.#chance.even() / 2)
  }

  get #most(): number {
    return Math.max(1, this.#crowd.perSecond * ASSUMPTIONS.burst)
  }

  #take(): boolean {
    const now = this.clock.now()
    const since = (now - this.#filledAt) / SECOND
    this.#free = Math.min(this.#most, this.#free + since * this.#crowd.perSecond)
    this.#filledAt = now
    if (this.#free < 1) {
      this.#refused += 1
      return false
    }
    this.#free -= 1
    this.#taken += 1
    return true
  }
}
