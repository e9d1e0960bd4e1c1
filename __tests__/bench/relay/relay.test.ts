import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { Relay } from '../../../bench/relay/relay.ts'
import { countRequests } from '../../../bench/relay/traffic.ts'
import { randomBytes } from '../../../bench/samples/random-bytes.ts'
import { buildImage } from '../../builders/build-image.ts'
import { startRegistry } from '../../fakes/registry-server.ts'

const MIB = 1024 * 1024

async function openRelay(target: string): Promise<{ relay: Relay; host: string }> {
  const relay = new Relay(target)
  return { relay, host: await relay.listen() }
}

test('counts the requests of a push by method and kind, those behind Location headers too', async () => {
  await using registry = await startRegistry({})
  const { relay, host } = await openRelay(registry.host)
  await using _ = relay
  await buildImage({ seed: 'one', layers: 1 }).pushTo(host, 'team/app', 'v1')
  const { requests, statuses } = relay.takeTraffic()
  assert.deepEqual(requests, { 'HEAD blob': 2, 'POST upload': 2, 'PUT upload': 2, 'PUT manifest': 2 })
  assert.deepEqual(statuses, { 404: 2, 202: 2, 201: 4 })
})

test('counts connections, and no more requests at a time than there were', async () => {
  await using registry = await startRegistry({})
  const { relay, host } = await openRelay(registry.host)
  await using _ = relay
  const ask = () => fetch(`http://${host}/v2/`).then((answer) => answer.text())
  await ask()
  await ask()
  assert.equal(relay.takeTraffic().inFlight, 1)
  relay.shape({ delay: 300, bandwidth: null })
  await Promise.all([ask(), ask(), ask()])
  const { inFlight, connections } = relay.takeTraffic()
  assert.equal(inFlight, 3)
  assert.ok(connections >= 2 && connections <= 3, `${connections}`)
})

test('begins to count anew after each look', async () => {
  await using registry = await startRegistry({})
  const { relay, host } = await openRelay(registry.host)
  await using _ = relay
  await (await fetch(`http://${host}/v2/`)).text()
  const first = relay.takeTraffic()
  assert.equal(countRequests(first), 1)
  assert.ok(first.sent > 0 && first.received > 0)
  const second = relay.takeTraffic()
  assert.deepEqual([countRequests(second), second.sent, second.received, second.connections], [0, 0, 0, 0])
})

test('keeps the bytes and their order, whatever the delay and the bandwidth', async () => {
  const bytes = randomBytes('body', 3 * MIB)
  await using echo = await startEcho()
  const { relay, host } = await openRelay(echo.host)
  await using _ = relay
  relay.shape({ delay: 5, bandwidth: 100 * MIB })
  const returned = await exchange(host, ['PUT /v2/a/blobs/uploads/1 HTTP/1.1\r\n\r\n', bytes])
  assert.equal(returned.subarray(-bytes.byteLength).equals(bytes), true)
  assert.deepEqual(relay.takeTraffic().requests, { 'PUT upload': 1 })
})

test('takes the given time for each request, and no longer for a long body', async () => {
  await using echo = await startEcho()
  const { relay, host } = await openRelay(echo.host)
  await using _ = relay
  relay.shape({ delay: 200, bandwidth: null })
  const start = performance.now()
  await exchange(host, ['PUT /v2/a/blobs/uploads/1 HTTP/1.1\r\n\r\n', randomBytes('body', 8 * MIB)])
  const passed = performance.now() - start
  // The body comes in more than 100 pieces: were each delayed, or only the second, it would show.
  assert.ok(passed >= 199 && passed < 20_000, `${passed} ms`)
})

test('passes no more bytes a second than it may', async () => {
  await using echo = await startEcho()
  const { relay, host } = await openRelay(echo.host)
  await using _ = relay
  relay.shape({ delay: 0, bandwidth: 10 * MIB })
  const start = performance.now()
  await exchange(host, [randomBytes('body', MIB)])
  assert.ok(performance.now() - start >= 89)
})

test('a body that looks like a request is none', async () => {
  await using echo = await startEcho()
  const { relay, host } = await openRelay(echo.host)
  await using _ = relay
  relay.shape({ delay: 20, bandwidth: null })
  await exchange(host, ['PUT /v2/a/blobs/uploads/1 HTTP/1.1\r\n\r\n', 'GET /v2/ HTTP/1.1\r\n\r\n'], 10)
  assert.deepEqual(relay.takeTraffic().requests, { 'PUT upload': 1 })
})

test('a registry that breaks off takes the client with it', async () => {
  await using broken = await startEcho((socket) => socket.resetAndDestroy())
  const { relay, host } = await openRelay(broken.host)
  await using _ = relay
  await assert.rejects(fetch(`http://${host}/v2/`))
})

interface Echo extends AsyncDisposable {
  readonly host: string
}

/** Sends back what it gets, once everything is there. */
async function startEcho(onSocket?: (socket: import('node:net').Socket) => void): Promise<Echo> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (onSocket) {
      onSocket(socket)
      return
    }
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('end', () => socket.end(Buffer.concat(parts)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** Sends parts with a pause between them, in milliseconds, and returns all that comes back. */
async function exchange(host: string, parts: readonly (Buffer | string)[], pause = 0): Promise<Buffer> {
  const socket = connect({ port: Number(host.split(':')[1]), host: '127.0.0.1', allowHalfOpen: true })
  for (const part of parts) {
    socket.write(part)
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
  }
  socket.end()
  return Buffer.concat(await socket.toArray())
}
