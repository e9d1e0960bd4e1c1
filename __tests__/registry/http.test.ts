import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOf } from '../../src/oci/digest.ts'
import { HttpClient } from '../../src/registry/http.ts'
import { RemoteRegistries } from '../../src/registry/remote-registries.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { PATH } from './connect.ts'
import { startHttp } from './http-scene.ts'

/** Milliseconds between retries: much longer than the test takes. */
const LONG = 60_000

test('what is under way when the run is over ends at once and is not tried again', async () => {
  await using registry = await startRegistry()
  const retry = { retries: 5, firstDelay: LONG, longestDelay: LONG, longestRetryAfter: LONG }
  const registries = new RemoteRegistries({ credentials: [], insecure: [] }, { retry })
  registry.fault(() => true, 1, { status: 503 })
  const repository = registries.source({ registry: registry.host, path: PATH })
  const waiting = assert.rejects(repository.fetchManifest(digestOf('absent')), { message: 'The run is over' })
  while (registry.requests[0]?.status === undefined) await delay(1)
  await registries.close()
  await waiting
  assert.equal(registry.requests.length, 1)
})

test('nothing waits any longer when the run is stopped', async (context) => {
  const stop = new AbortController()
  const http = new HttpClient({ signal: stop.signal })
  context.after(() => http.close())
  const reason = new Error('The run was ended by SIGTERM')
  const waiting = assert.rejects(http.wait(LONG), (error) => error === reason)
  stop.abort(reason)
  await waiting
})

test('what tidies up goes on when the run is stopped, for a moment', async (context) => {
  const stop = new AbortController()
  const asked = Promise.withResolvers<ServerResponse>()
  const { http, url } = await startHttp(context, (_, response) => asked.resolve(response), {
    signal: stop.signal,
  })
  const tidying = http.attempt({ method: 'DELETE', url, expect: [204], outlivesRun: true })
  const response = await asked.promise
  stop.abort(new Error('The run was ended by SIGTERM'))
  response.writeHead(204).end()
  assert.equal((await tidying).status, 204)
})

test('a short body that is not wanted leaves the connection to others', async (context) => {
  const { http, url, connections } = await startHttp(context, (_, response) => response.end('created'))
  for (const _ of [1, 2]) {
    await http.attempt({ method: 'PUT', url, expect: [200] })
    // A connection is free again a moment after its answer.
    await delay(20)
  }
  assert.equal(connections(), 1)
})

test('a long body that is not wanted is not read to its end', async (context) => {
  const sent = Promise.withResolvers<boolean>()
  const { http, url } = await startHttp(context, (_, response) => {
    response.on('close', () => sent.resolve(response.writableFinished))
    response.end(Buffer.alloc(100_000_000))
  })
  await http.attempt({ method: 'PUT', url, expect: [200] })
  assert.equal(await sent.promise, false)
})
