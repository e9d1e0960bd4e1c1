import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { ask } from './registry-client.ts'
import { jsonAnswer, type RequestHead } from './registry-exchange.ts'
import { type RegistryServer, startRegistry } from './registry-server.ts'

const BYTES = '0123456789'
const BLOB = digestOf(BYTES)
const anything = () => true

async function registryWithBlob(): Promise<RegistryServer> {
  const registry = await startRegistry()
  registry.store.repository('team/app').putBlob(Buffer.from(BYTES))
  return registry
}

test('plays an answer as often as asked, only where it matches', async () => {
  await using registry = await registryWithBlob()
  const onBlobs = ({ path }: RequestHead) => path.includes('/blobs/')
  registry.fault(onBlobs, 2, { status: 429, headers: { 'retry-after': '0' }, body: 'slow down' })
  assert.equal((await ask(registry, 'GET', '/v2/')).status, 200)
  const first = await ask(registry, 'GET', `blobs/${BLOB}`)
  assert.deepEqual([first.status, first.headers.get('retry-after'), first.text], [429, '0', 'slow down'])
  assert.equal((await ask(registry, 'GET', `blobs/${BLOB}`)).status, 429)
  assert.equal((await ask(registry, 'GET', `blobs/${BLOB}`)).text, BYTES)
})

test('plays one fault after the other, and none once they are cleared', async () => {
  await using registry = await registryWithBlob()
  registry.fault(anything, 1, { status: 502 })
  registry.fault(anything, Number.POSITIVE_INFINITY, { status: 503 })
  const status = async () => (await ask(registry, 'GET', `blobs/${BLOB}`)).status
  assert.deepEqual([await status(), await status(), await status()], [502, 503, 503])
  registry.clearFaults()
  assert.equal(await status(), 200)
})

test('resets the connection before anything is answered', async () => {
  await using registry = await registryWithBlob()
  registry.fault(anything, 1, 'reset')
  await assert.rejects(
    ask(registry, 'GET', `blobs/${BLOB}`),
    (error: Error) => codeOf(error) === 'ECONNRESET',
  )
  assert.equal(registry.requests[0]?.status, undefined)
})

test('resets the connection while a body is still being uploaded, without taking it', async () => {
  await using registry = await registryWithBlob()
  registry.fault(({ method }) => method === 'POST', 1, 'reset')
  const body = 'x'.repeat(4 * 1024 * 1024)
  await assert.rejects(ask(registry, 'POST', `blobs/uploads/?digest=${digestOf(body)}`, { body }))
  assert.equal(registry.store.repository('team/app').blobs.size, 1)
})

test('resets the connection with the first bytes of an upload, or at the end of none', async () => {
  await using registry = await registryWithBlob()
  registry.fault(anything, 2, 'reset in the upload')
  for (const init of [{ body: 'x'.repeat(4 * 1024 * 1024) }, {}]) {
    await assert.rejects(ask(registry, 'POST', 'blobs/uploads/', init))
  }
  assert.equal((await ask(registry, 'POST', 'blobs/uploads/', {})).status, 202)
  assert.equal(registry.store.openUploads(), 1)
})

test('sends a stream as it comes', async () => {
  await using registry = await registryWithBlob()
  const headers = { 'content-length': '10' }
  const stream = async function* () {
    for (const digit of BYTES) yield Buffer.from(digit)
  }
  registry.fault(anything, 1, () => ({ status: 200, headers, body: Buffer.alloc(0), stream }))
  assert.equal((await ask(registry, 'GET', `blobs/${BLOB}`)).text, BYTES)
  assert.equal(registry.requests[0]?.bytesOut, 10)
})

test('ends a stream when nobody listens any more', async () => {
  await using registry = await registryWithBlob()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stream = async function* () {
    try {
      for (;;) yield Buffer.alloc(64 * 1024)
    } finally {
      resolve()
    }
  }
  registry.fault(anything, 1, () => ({ status: 200, headers: {}, body: Buffer.alloc(0), stream }))
  const request = get(`http://${registry.host}/v2/`)
  await once(request, 'response')
  request.destroy()
  await promise
})

test('breaks off in the middle of a body by a reset or an early end', async () => {
  await using registry = await registryWithBlob()
  for (const play of ['reset in the body', 'early end'] as const) {
    registry.fault(anything, 1, play)
    await assert.rejects(ask(registry, 'GET', `blobs/${BLOB}`), play)
  }
  assert.deepEqual(
    registry.requests.map(({ status, bytesOut }) => [status, bytesOut]),
    [
      [200, 5],
      [200, 5],
    ],
  )
})

test('stalls in the middle of a body', async () => {
  await using registry = await registryWithBlob()
  registry.fault(anything, 1, 'stall in the body')
  const request = get(`http://${registry.host}/v2/team/app/blobs/${BLOB}`)
  const [response] = await once(request, 'response')
  const [chunk] = await once(response, 'data')
  assert.equal(String(chunk), '01234')
  request.destroy()
})

test('sends wrong bytes under a length that agrees with them', async () => {
  await using registry = await registryWithBlob()
  const bodies: string[] = []
  for (const play of ['short body', 'extra bytes', 'flipped byte'] as const) {
    registry.fault(anything, 1, play)
    const got = await ask(registry, 'GET', `blobs/${BLOB}`)
    assert.equal(got.headers.get('content-length'), String(got.text.length))
    bodies.push(got.text)
  }
  assert.deepEqual(bodies, ['01234', '0123456789extra', '0123446789'])
  assert.equal((await ask(registry, 'GET', `blobs/${BLOB}`)).text, BYTES, 'what is stored is untouched')
})

test('answers 500 to what took effect', async () => {
  await using registry = await registryWithBlob()
  registry.fault(({ method }) => method === 'POST', 1, 'applied, then 500')
  assert.equal(
    (await ask(registry, 'POST', `blobs/uploads/?digest=${digestOf('x')}`, { body: 'x' })).status,
    500,
  )
  assert.ok(registry.store.repository('team/app').blobs.has(digestOf('x')))
})

test('lets a handler answer for the registry, or change what it answers', async () => {
  await using registry = await registryWithBlob()
  registry.fault(anything, 1, ({ method }) => jsonAnswer(418, { method }))
  registry.fault(anything, 1, async (_, proceed) => ({ ...proceed(), status: 203 }))
  assert.equal((await ask(registry, 'GET', '/v2/')).text, '{"method":"GET"}')
  const changed = await ask(registry, 'GET', `blobs/${BLOB}`)
  assert.deepEqual([changed.status, changed.text], [203, BYTES])
})

test('shows a handler that throws as a 500 with its message', async () => {
  await using registry = await registryWithBlob()
  registry.fault(anything, 1, () => {
    throw new Error('a defect in the test')
  })
  const got = await ask(registry, 'GET', '/v2/')
  assert.deepEqual([got.status, got.text], [500, 'Error: a defect in the test'])
})

test('keeps the connection open between requests', async () => {
  await using registry = await registryWithBlob()
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(`http://${registry.host}/v2/`, resolve)
  })
  assert.equal(await text(response), '{}')
  assert.equal(response.headers.connection, 'keep-alive')
})

function codeOf(error: Error): unknown {
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
