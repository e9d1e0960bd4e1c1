import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { IDLE, startHttp, swallow, trickle } from './http-scene.ts'

const PIECE = Buffer.alloc(1024 * 1024)
/** As many as make an upload a large one. */
const PIECES = 64

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < count; number++) yield PIECE
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield PIECE
}

test('a registry that does not answer is given up, and asking again may help', async (context) => {
  const { http, url } = await startHttp(context, () => undefined, { idleTimeout: IDLE })
  await assert.rejects(http.attempt({ method: 'GET', url, expect: [200] }), {
    message: `GET ${url} failed: no answer for 150 ms`,
    transient: true,
    status: undefined,
  })
})

test('a body of a byte now and then is given up, read as a whole or as a stream', async (context) => {
  const { http, url } = await startHttp(context, (_, response) => trickle(response), { idleTimeout: IDLE })
  const gaveUp = {
    message: `GET ${url} answered 200, and of its body less than 1 KiB for 150 ms`,
    transient: true,
  }
  await assert.rejects(http.attempt({ method: 'GET', url, expect: [200] }, 1_000_000), gaveUp)
  const { body } = await http.open({ method: 'GET', url, expect: [200] })
  await assert.rejects(Array.fromAsync(body), gaveUp)
})

test('an error whose body trickles is told by its status and its beginning', async (context) => {
  const { http, url } = await startHttp(context, (_, response) => trickle(response, 403), {
    idleTimeout: IDLE,
  })
  await assert.rejects(http.attempt({ method: 'GET', url, expect: [200] }), {
    message: /answered 403: x+$/,
    status: 403,
  })
})

test('an answer whose body is not wanted is taken as it is when the body trickles', async (context) => {
  const { http, url } = await startHttp(context, (_, response) => trickle(response, 201), {
    idleTimeout: IDLE,
  })
  assert.equal((await http.attempt({ method: 'PUT', url, expect: [201] })).status, 201)
})

test('a slow body that moves may take as long as it likes', async (context) => {
  const slow = async (response: NodeJS.WritableStream) => {
    for (let part = 0; part < 8; part++) {
      await delay(IDLE / 3)
      response.write(Buffer.alloc(1024))
    }
    response.end()
  }
  const { http, url } = await startHttp(context, (_, response) => void slow(response), { idleTimeout: IDLE })
  assert.equal((await http.attempt({ method: 'GET', url, expect: [200] }, 10_000)).bytes.byteLength, 8192)
})

test('a reader that takes its time is not idleness of the registry', async (context) => {
  const { http, url } = await startHttp(context, (_, response) => response.end(Buffer.alloc(4_000_000)), {
    idleTimeout: IDLE,
  })
  const { body } = await http.open({ method: 'GET', url, expect: [200] })
  let size = 0
  for await (const chunk of body) {
    if (size === 0) await delay(3 * IDLE)
    size += chunk.byteLength
  }
  assert.equal(size, 4_000_000)
})

test('an upload that does not move any more is given up', async (context) => {
  // The server reads nothing: what the machine's buffers take is not much.
  const { http, url } = await startHttp(context, (request) => request.pause(), { idleTimeout: IDLE })
  const body = { open: endless, size: 1e12 }
  await assert.rejects(http.attempt({ method: 'PUT', url, body, expect: [201] }), {
    message: `PUT ${url} failed: the upload did not move for 150 ms`,
    transient: true,
  })
})

test('an upload whose source takes its time is not given up', async (context) => {
  const { http, url } = await startHttp(
    context,
    async (request, response) => {
      await swallow(request)
      response.writeHead(201).end()
    },
    { idleTimeout: IDLE },
  )
  const slow = async function* () {
    yield Buffer.from('a')
    await delay(3 * IDLE)
    yield Buffer.from('b')
  }
  const answer = await http.attempt({ method: 'PUT', url, body: { open: slow, size: 2 }, expect: [201] })
  assert.equal(answer.status, 201)
})

test('bytes that are at hand and go out slowly are not given up as long as they move', async (context) => {
  const read = async (request: IncomingMessage, response: ServerResponse) => {
    for await (const _ of request) await delay(1)
    response.writeHead(201).end()
  }
  const { http, url } = await startHttp(context, read, { idleTimeout: 2 * IDLE })
  const body = new Uint8Array(48 * 1024 * 1024)
  const began = performance.now()
  assert.equal((await http.attempt({ method: 'PUT', url, body, expect: [201] })).status, 201)
  assert.ok(performance.now() - began > 2 * IDLE, 'it took longer than nothing at all may take')
})

for (const [what, count, survives] of [
  ['a large upload may take longer than others', PIECES, true],
  ['a small upload may take no longer than anything else', 1, false],
] as const) {
  test(`the answer to ${what}`, async (context) => {
    const { http, url } = await startHttp(
      context,
      async (request, response) => {
        await swallow(request)
        await delay(3 * IDLE)
        response.writeHead(201).end()
      },
      { idleTimeout: IDLE },
    )
    const body = { open: () => pieces(count), size: count * PIECE.byteLength }
    const upload = http.attempt({ method: 'PUT', url, body, expect: [201] })
    if (survives) assert.equal((await upload).status, 201)
    else await assert.rejects(upload, /no answer for 150 ms/)
  })
}
