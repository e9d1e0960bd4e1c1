import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { KeyedLock } from '../../src/registry/keyed-lock.ts'

/** A task that writes down when it begins and ends, and lets others run in between. */
function noting(log: string[], name: string): () => Promise<string> {
  return async () => {
    log.push(`${name} begins`)
    await turn()
    log.push(`${name} ends`)
    return name
  }
}

test('runs what has the same key one after the other, in the order in which it came', async () => {
  const lock = new KeyedLock()
  const log: string[] = []
  const results = await Promise.all(['a', 'b', 'c'].map((name) => lock.run('key', noting(log, name))))
  assert.deepEqual(results, ['a', 'b', 'c'])
  assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('runs what has other keys at the same time', async () => {
  const lock = new KeyedLock()
  const log: string[] = []
  await Promise.all(['a', 'b'].map((name) => lock.run(name, noting(log, name))))
  assert.deepEqual(log, ['a begins', 'b begins', 'a ends', 'b ends'])
})

test('a task that fails tells its own caller only, and the next one runs', async () => {
  const lock = new KeyedLock()
  const log: string[] = []
  const failing = lock.run('key', () => Promise.reject(new Error('on its own')))
  const next = lock.run('key', noting(log, 'next'))
  await assert.rejects(failing, /on its own/)
  assert.equal(await next, 'next')
  assert.equal(await lock.run('key', noting(log, 'later')), 'later')
})
