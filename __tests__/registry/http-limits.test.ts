import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { HostLimits } from '../../src/registry/host-limits.ts'
import { startHttp, swallow } from './http-scene.ts'

const NO_WAIT = { retries: 5, firstDelay: 0, longestDelay: 0, longestRetryAfter: 60_000 }

/** Answers after a moment, and keeps count of how many are being answered at a time. */
function counting() {
  const seen = { now: 0, most: 0, total: 0 }
  const handle = async (_: IncomingMessage, response: ServerResponse) => {
    seen.now += 1
    seen.total += 1
    seen.most = Math.max(seen.most, seen.now)
    await delay(2)
    seen.now -= 1
    response.end('x')
  }
  return { seen, handle }
}

test('no more requests than allowed are in flight to a host, over as many connections, which are kept', async (context) => {
  const { seen, handle } = counting()
  const { http, url, connections } = await startHttp(context, handle, { limits: new HostLimits(3) })
  for (const method of ['GET', 'HEAD'] as const) {
    await Promise.all(Array.from({ length: 12 }, () => http.attempt({ method, url, expect: [200] }, 10)))
  }
  assert.deepEqual([seen.most, seen.total], [3, 24])
  assert.ok(connections() <= 3, `${connections()} connections`)
})

test('a host that asks for patience gets half as many requests at a time from then on', async (context) => {
  const { seen, handle } = counting()
  let refusals = 8
  const { http, url } = await startHttp(
    context,
    async (request, response) => {
      if (refusals-- > 0) response.writeHead(429).end()
      else await handle(request, response)
    },
    { limits: new HostLimits(8), retry: NO_WAIT },
  )
  const asked = { method: 'GET', url, expect: [200] } as const
  await Promise.all(Array.from({ length: 8 }, () => http.retry(() => http.attempt(asked))))
  assert.equal(seen.total, 8)
  assert.ok(seen.most <= 4, `${seen.most} at a time`)
})

test('while one host wants to be left alone, nothing new is asked of it, and others are', async (context) => {
  const waits: unknown[] = []
  const limits = new HostLimits(8, (...wait) => waits.push(wait))
  const { seen, handle } = counting()
  const { http, url } = await startHttp(
    context,
    async (request, response) => {
      if (request.headers.host?.startsWith('127.')) response.writeHead(429, { 'retry-after': '60' }).end()
      else await handle(request, response)
    },
    { limits, retry: NO_WAIT },
  )
  await assert.rejects(http.attempt({ method: 'GET', url, expect: [200] }), { status: 429 })
  let answered = false
  const later = assert.rejects(
    http.attempt({ method: 'GET', url, expect: [200] }).finally(() => {
      answered = true
    }),
    { message: 'The run is over' },
  )
  const other = new URL(`http://localhost:${url.port}/v2/`)
  await http.attempt({ method: 'GET', url: other, expect: [200] })
  assert.deepEqual([seen.total, answered], [1, false])
  assert.deepEqual(waits, [[url.host, 60_000, 4]])
  await http.close()
  await later
})

test('a 503 that names no time lowers the limit and keeps nobody waiting', async (context) => {
  const limits = new HostLimits(8, () => assert.fail('told'))
  let refusals = 1
  const { http, url } = await startHttp(
    context,
    (_, response) => response.writeHead(refusals-- > 0 ? 503 : 200).end(),
    { limits, retry: { ...NO_WAIT, firstDelay: 60_000, longestDelay: 60_000 } },
  )
  await assert.rejects(http.attempt({ method: 'GET', url, expect: [200] }), { status: 503 })
  assert.equal((await http.attempt({ method: 'GET', url, expect: [200] })).status, 200)
})

test('with one request at a time, blobs still go from one repository to another of the same host', async (context) => {
  const content = Buffer.alloc(3_000_000, 'x')
  const { http, url } = await startHttp(
    context,
    async (request, response) => {
      if (request.method === 'GET') {
        response.end(content)
        return
      }
      await swallow(request)
      response.writeHead(201).end()
    },
    { limits: new HostLimits(1) },
  )
  const open = async function* () {
    yield* (await http.open({ method: 'GET', url, expect: [200] })).body
  }
  const copies = Array.from({ length: 3 }, () =>
    http.attempt({ method: 'PUT', url, body: { open, size: content.byteLength }, expect: [201] }),
  )
  assert.deepEqual(
    (await Promise.all(copies)).map(({ status }) => status),
    [201, 201, 201],
  )
})

test('what a registry warns of is told once', async (context) => {
  const told: unknown[] = []
  const { http, url } = await startHttp(
    context,
    (_, response) => response.setHeader('warning', ['299 - "It moves"', '299 - "Soon"']).end(),
    { onWarning: (...warning) => told.push(warning) },
  )
  for (const _ of [1, 2]) await http.attempt({ method: 'GET', url, expect: [200] })
  assert.deepEqual(told, [
    [url.host, 'It moves'],
    [url.host, 'Soon'],
  ])
})
