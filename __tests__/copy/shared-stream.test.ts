import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SharedStream } from '../../src/copy/shared-stream.ts'

const CHUNKS = ['one', 'two', 'three']

/** A stream that tells how many chunks were asked of it, and whether it was closed. */
class Source {
  asked = 0
  closed = false
  readonly #failsAt: number

  constructor(failsAt = Number.POSITIVE_INFINITY) {
    this.#failsAt = failsAt
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const [index, chunk] of CHUNKS.entries()) {
        this.asked += 1
        if (index === this.#failsAt) throw new Error('the source broke off')
        yield Buffer.from(chunk)
      }
    } finally {
      this.closed = true
    }
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  return (await Array.fromAsync(stream)).map(String)
}

/** Lets everything that is ready happen. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('every reader gets all the bytes of one reading', async () => {
  const source = new Source()
  const shared = new SharedStream(source)
  const readers = [shared.join(), shared.join(), shared.join()]
  const read = await Promise.all(readers.map((reader) => readAll(reader.read())))
  assert.deepEqual(read, [CHUNKS, CHUNKS, CHUNKS])
  assert.equal(source.asked, CHUNKS.length)
  assert.ok(source.closed)
})

test('a reader that is ahead waits for the slowest, so that only one chunk is in memory', async () => {
  const source = new Source()
  const shared = new SharedStream(source)
  const [fast, slow] = [shared.join().read(), shared.join().read()]
  const ahead = fast.next()
  await settled()
  assert.equal(source.asked, 0)
  assert.equal(String((await slow.next()).value), 'one')
  assert.equal(String((await ahead).value), 'one')
  const second = fast.next()
  await settled()
  assert.equal(source.asked, 1)
  assert.equal(String((await slow.next()).value), 'two')
  assert.equal(String((await second).value), 'two')
})

describe('the others get everything', () => {
  test('when a reader leaves in the middle', async () => {
    const shared = new SharedStream(new Source())
    const [leaving, staying] = [shared.join(), shared.join()]
    const whole = readAll(staying.read())
    for await (const chunk of leaving.read()) {
      assert.equal(String(chunk), 'one')
      break
    }
    assert.deepEqual(await whole, CHUNKS)
  })

  test('when a reader leaves while it waits for the next chunk, and is told that nothing more comes', async () => {
    const shared = new SharedStream(new Source())
    const [leaving, staying] = [shared.join(), shared.join()]
    const waiting = leaving.read().next()
    leaving.leave()
    assert.equal((await waiting).done, true)
    assert.deepEqual(await readAll(staying.read()), CHUNKS)
  })

  test('when a reader never opens, as soon as it leaves', async () => {
    const shared = new SharedStream(new Source())
    const [never, staying] = [shared.join(), shared.join()]
    const whole = readAll(staying.read())
    await settled()
    never.leave()
    assert.deepEqual(await whole, CHUNKS)
  })

  test('when the consumer of one throws', async () => {
    const shared = new SharedStream(new Source())
    const [failing, staying] = [shared.join(), shared.join()]
    const fails = async () => {
      for await (const chunk of failing.read()) throw new Error(`cannot take ${chunk}`)
    }
    const [failed, whole] = await Promise.allSettled([fails(), readAll(staying.read())])
    assert.equal(failed.status, 'rejected')
    assert.deepEqual(whole, { status: 'fulfilled', value: CHUNKS })
  })

  test('when one leaves again and again', async () => {
    const shared = new SharedStream(new Source())
    const [leaving, staying] = [shared.join(), shared.join()]
    leaving.leave()
    leaving.leave()
    assert.deepEqual(await readAll(staying.read()), CHUNKS)
    leaving.leave()
  })
})

test('an error of the source reaches every reader', async () => {
  const source = new Source(1)
  const shared = new SharedStream(source)
  const readers = [shared.join(), shared.join()]
  const outcomes = await Promise.allSettled(readers.map((reader) => readAll(reader.read())))
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected')
    assert.match(String(outcome.status === 'rejected' && outcome.reason), /the source broke off/)
  }
  assert.equal(source.asked, 2)
})

test('the source is closed when the last reader has left before its end', async () => {
  const source = new Source()
  const shared = new SharedStream(source)
  const readers = [shared.join(), shared.join()].map((reader) => ({ reader, stream: reader.read() }))
  await Promise.all(readers.map(({ stream }) => stream.next()))
  for (const { reader } of readers) {
    assert.equal(source.closed, false)
    reader.leave()
  }
  await settled()
  assert.ok(source.closed)
  assert.equal(source.asked, 1)
})
