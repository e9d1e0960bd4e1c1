import type { Clock } from '../../src/registry/host-limit.ts'

interface Event {
  readonly at: number
  readonly order: number
  readonly run: () => void
  isOff: boolean
}

/** Promises that follow one another before the next event: more than any step of a simulation chains. */
const MICROTASKS = 6

/** Simulated time in milliseconds: it passes from event to event, and what is due at one moment happens in the order in which it was asked for. */
export class EventQueue implements Clock {
  readonly #heap: Event[] = []
  #now = 0
  #count = 0

  now(): number {
    return this.#now
  }

  later(milliseconds: number, run: () => void): () => void {
    this.#count += 1
    const event = { at: this.#now + Math.max(0, milliseconds), order: this.#count, run, isOff: false }
    this.#push(event)
    return () => {
      event.isOff = true
    }
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.later(milliseconds, resolve)
    })
  }

  /** Lets time pass until this moment, or until so many events have happened. */
  async run(until: number, mostEvents: number): Promise<void> {
    for (let happened = 0; happened < mostEvents; happened++) {
      for (let turn = 0; turn < MICROTASKS; turn++) await null
      const next = this.#heap[0]
      if (next === undefined || next.at > until) break
      this.#pop()
      this.#now = next.at
      if (!next.isOff) next.run()
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(event, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
      const isRight = right !== undefined && left !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || !isBefore(child, last)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = last
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at
}
