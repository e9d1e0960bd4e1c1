import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { buildImage } from '../builders/build-image.ts'
import { jsonAnswer, type RequestHead } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { AuthSwitch } from '../fakes/registry-switches.ts'
import { connect, describeBlob, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'token-renewal' })
const LOGIN = ['robot', 'password'] as const
const BEARER: AuthSwitch = { by: 'bearer', accounts: [{ username: 'robot', password: 'password' }] }
const ALWAYS = Number.POSITIVE_INFINITY
const TOKENS = (request: RequestHead) => request.path === '/token'

async function registryWithImage(auth: AuthSwitch = BEARER): Promise<RegistryServer> {
  const registry = await startRegistry({ auth })
  IMAGE.putInto(registry.store, PATH, 'v1')
  return registry
}

test('many requests at once share one token', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry, { login: LOGIN })
  await Promise.all(Array.from({ length: 20 }, () => repository.fetchManifest('v1')))
  await repository.fetchManifest('v1')
  assert.equal(registry.requests.filter(TOKENS).length, 1)
})

test('renews a token before the end of the life that its service gave it, and one without an end when it is refused', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry, { login: LOGIN })
  registry.fault(TOKENS, 1, (_, proceed) => {
    return jsonAnswer(200, { ...JSON.parse(proceed().body.toString()), expires_in: 0.02 })
  })
  await repository.resolve('v1')
  await delay(20)
  registry.fault(TOKENS, ALWAYS, (_, proceed) => {
    return jsonAnswer(200, { ...JSON.parse(proceed().body.toString()), expires_in: 0 })
  })
  for (const _ of [1, 2]) await repository.resolve('v1')
  assert.equal(registry.requests.filter(TOKENS).length, 2)
  assert.equal(registry.requests.filter(({ status }) => status === 401).length, 1, 'the first of all')
})

test('renews a token that is refused every 4 requests, one request after the other', async (context) => {
  await using registry = await registryWithImage({ ...BEARER, usesPerToken: 4 })
  const repository = connect(context, registry, { login: LOGIN })
  for (let count = 0; count < 12; count++) await repository.fetchManifest('v1')
  assert.equal(registry.requests.filter(TOKENS).length, 3)
})

test('renews a token that is refused every 4 requests under many requests at once', async (context) => {
  await using registry = await registryWithImage({ ...BEARER, usesPerToken: 4 })
  const repository = connect(context, registry, { login: LOGIN })
  await Promise.all(Array.from({ length: 64 }, () => repository.fetchManifest('v1')))
  assert.ok(registry.requests.filter(TOKENS).length <= 17)
})

test('a run that is stopped still gets the token with which its open upload is cancelled', async (context) => {
  await using registry = await registryWithImage()
  const stop = new AbortController()
  const repository = connect(context, registry, { login: LOGIN, signal: stop.signal })
  const bytes = Buffer.from('a new blob')
  registry.fault(
    ({ method }) => method === 'PUT',
    1,
    () => {
      stop.abort(new Error('The run was ended'))
      return jsonAnswer(503, {})
    },
  )
  await assert.rejects(repository.pushBlob(describeBlob(bytes), bytes), /The run was ended/)
  assert.equal(registry.store.openUploads(), 0)
})
