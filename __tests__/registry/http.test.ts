import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOf } from '../../src/oci/digest.ts'
import { HttpClient } from '../../src/registry/http.ts'
import { RemoteRegistries } from '../../src/registry/remote-registries.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { PATH } from './connect.ts'

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
