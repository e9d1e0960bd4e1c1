import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventQueue } from '../../../bench/simulate/event-queue.ts'

test('events happen in the order of their time, those of one moment in the order in which they were asked for', async () => {
  const clock = new EventQueue()
  const seen: string[] = []
  const note = (name: string) => () => void seen.push(`${name} ${clock.now()}`)
  for (const [name, at] of [
    ['c', 30],
    ['a', 10],
    ['b', 10],
    ['d', 50],
  ] as const)
    clock.later(at, note(name))
  const stop = clock.later(20, note('never'))
  stop()
  void clock.sleep(40).then(note('slept'))
  await clock.run(45, 100)
  assert.deepEqual(seen, ['a 10', 'b 10', 'c 30', 'slept 40'])
})

test('it ends after so many events', async () => {
  const clock = new EventQueue()
  const again = () => void clock.later(1, again)
  again()
  await clock.run(1000, 25)
  assert.equal(clock.now(), 25)
})
