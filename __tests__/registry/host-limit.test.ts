import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Clock, HostLimit } from '../../src/registry/host-limit.ts'

const OWNER = {}

/** A clock that stands still until it is moved on. */
class StoppedClock implements Clock {
  #now = 1000
  readonly #timers = new Map<() => void, number>()

  now(): number {
    return this.#now
  }

  later(milliseconds: number, run: () => void): () => void {
    this.#timers.set(run, this.#now + milliseconds)
    return () => this.#timers.delete(run)
  }

  get timers(): number {
    return this.#timers.size
  }

  moveOn(milliseconds: number): void {
    this.#now += milliseconds
    for (const [run, due] of [...this.#timers]) {
      if (due > this.#now) continue
      this.#timers.delete(run)
      run()
    }
  }
}

/** Enters so many times, and tells how many got in. */
async function enter(limit: HostLimit, times: number): Promise<() => Promise<number>> {
  let inside = 0
  const count = () => {
    inside += 1
  }
  for (let time = 0; time < times; time++) {
    const wait = limit.enter(OWNER)
    if (wait === undefined) count()
    else wait.then(count, () => undefined)
  }
  return async () => {
    await setImmediate()
    return inside
  }
}

test('what is urgent goes in front of the others that wait, behind what was urgent before it', async () => {
  const limit = new HostLimit(1, new StoppedClock())
  assert.equal(limit.enter(OWNER), undefined)
  const order: string[] = []
  for (const [name, urgent] of [
    ['blob 1', false],
    ['manifest 1', true],
    ['blob 2', false],
    ['manifest 2', true],
  ] as const) {
    limit.enter(OWNER, urgent)?.then(
      () => order.push(name),
      () => undefined,
    )
  }
  for (let place = 0; place < 4; place++) {
    limit.leave()
    await setImmediate()
  }
  assert.deepEqual(order, ['manifest 1', 'manifest 2', 'blob 1', 'blob 2'])
})

test('lets in as many at once as allowed, without a promise, and the others in their order as places come back', async () => {
  const limit = new HostLimit(2, new StoppedClock())
  assert.deepEqual([limit.enter(OWNER), limit.enter(OWNER)], [undefined, undefined])
  const order: number[] = []
  const waiting = [1, 2].map((number) => limit.enter(OWNER)?.then(() => order.push(number)))
  await setImmediate()
  assert.deepEqual(order, [])
  limit.leave()
  await setImmediate()
  assert.deepEqual(order, [1])
  limit.leave()
  await Promise.all(waiting)
  assert.deepEqual(order, [1, 2])
})

test('many refusals of what was sent together halve the limit once', () => {
  const limit = new HostLimit(64, new StoppedClock())
  const { round } = limit
  assert.equal(limit.refused(round, 0), true)
  for (let count = 1; count < 64; count++) assert.equal(limit.refused(round, 0), false)
  assert.equal(limit.limit, 32)
  limit.refused(limit.round, 0)
  assert.equal(limit.limit, 16)
})

test('is never below one', async () => {
  const limit = new HostLimit(5, new StoppedClock())
  const seen = Array.from({ length: 6 }, () => {
    limit.refused(limit.round, 0)
    return limit.limit
  })
  assert.deepEqual(seen, [2, 1, 1, 1, 1, 1])
  assert.equal(await (await enter(limit, 3))(), 1)
})

test('grows by one after as many successes as are allowed at a time, and not beyond the most', () => {
  const limit = new HostLimit(4, new StoppedClock())
  const succeed = (times: number) => {
    for (let count = 0; count < times; count++) limit.succeeded(limit.round)
    return limit.limit
  }
  limit.refused(limit.round, 0)
  assert.deepEqual([succeed(1), succeed(1), succeed(2), succeed(1), succeed(100)], [2, 3, 3, 4, 4])
})

test('what was sent before the limit was lowered does not raise it again', () => {
  const limit = new HostLimit(2, new StoppedClock())
  const { round } = limit
  limit.refused(round, 0)
  for (let count = 0; count < 10; count++) limit.succeeded(round)
  assert.equal(limit.limit, 1)
})

test('nobody enters while the host wants to be left alone; then as many as are allowed by now', async () => {
  const clock = new StoppedClock()
  const limit = new HostLimit(8, clock)
  limit.refused(limit.round, 5000)
  const inside = await enter(limit, 6)
  clock.moveOn(4999)
  assert.equal(await inside(), 0)
  clock.moveOn(1)
  assert.equal(await inside(), 4)
})

test('a longer wait is kept to when a shorter one is asked for after it', async () => {
  const clock = new StoppedClock()
  const limit = new HostLimit(8, clock)
  const { round } = limit
  limit.refused(round, 5000)
  limit.refused(round, 1000)
  const inside = await enter(limit, 1)
  clock.moveOn(1000)
  assert.equal(await inside(), 0)
  limit.refused(round, 9000)
  clock.moveOn(4000)
  assert.equal(await inside(), 0)
  clock.moveOn(5000)
  assert.equal(await inside(), 1)
})

test('sends away those of one owner and leaves the others, and no timer when nobody is left', async () => {
  const clock = new StoppedClock()
  const limit = new HostLimit(1, clock)
  limit.refused(limit.round, 5000)
  const reason = new Error('stopped')
  const other = {}
  const mine = assert.rejects(limit.enter(OWNER) ?? Promise.resolve(), (error) => error === reason)
  const theirs = limit.enter(other)
  limit.dismiss(OWNER, reason)
  await mine
  clock.moveOn(5000)
  await theirs
  limit.refused(limit.round, 5000)
  const last = assert.rejects(limit.enter(other) ?? Promise.resolve())
  limit.dismiss(other, reason)
  await last
  assert.equal(clock.timers, 0)
})
