import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyStream, type Flow } from '../../src/registry/body-stream.ts'
import { collect } from './connect.ts'

interface Recorded {
  readonly calls: string[]
  readonly flow: Flow
}

function record(): Recorded {
  const calls: string[] = []
  const note = (call: string) => () => {
    calls.push(call)
  }
  return { calls, flow: { pause: note('pause'), resume: note('resume'), abort: note('abort') } }
}

test('gives what arrived before it was read, and what arrives while it is read', async () => {
  const { flow, calls } = record()
  const body = new BodyStream(flow)
  body.push(Buffer.from('one '))
  const text = collect(body)
  assert.equal(body.isWaiting, false)
  await new Promise(setImmediate)
  assert.equal(body.isWaiting, true)
  body.push(Buffer.from('two'))
  body.finish()
  assert.equal(await text, 'one two')
  assert.deepEqual(calls, [])
})

test('holds the connection back when the reader is slower, and lets it go on when there is room', async () => {
  const { flow, calls } = record()
  const body = new BodyStream(flow)
  const chunk = Buffer.alloc(64 * 1024)
  for (let count = 0; count < 5; count++) body.push(chunk)
  assert.deepEqual(calls, ['pause'])
  for (let count = 0; count < 3; count++) await body.next()
  assert.deepEqual(calls, ['pause'])
  await body.next()
  assert.deepEqual(calls, ['pause', 'resume'])
})

test('a failure is told after what arrived before it', async () => {
  const body = new BodyStream(record().flow)
  body.push(Buffer.from('x'))
  const failure = new Error('reset')
  body.finish(failure)
  assert.equal((await body.next()).value?.byteLength, 1)
  await assert.rejects(body.next(), (error) => error === failure)
})

test('a failure reaches a reader that waits', async () => {
  const body = new BodyStream(record().flow)
  const failure = new Error('reset')
  const waiting = assert.rejects(body.next(), (error) => error === failure)
  body.finish(failure)
  await waiting
})

test('a reader that leaves early ends the connection, once, and one at the end does not', async () => {
  const early = record()
  const body = new BodyStream(early.flow)
  body.push(Buffer.from('x'))
  for await (const _ of body) break
  await body.dump()
  assert.deepEqual(early.calls, ['abort'])
  assert.equal((await body.next()).done, true)
  const late = record()
  const whole = new BodyStream(late.flow)
  whole.finish()
  await whole.dump()
  assert.deepEqual(late.calls, [])
})
