import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { OpenBlob } from '../../src/registry/repository.ts'
import { answer } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, describeBlob, on, PATH } from './connect.ts'

const TEXT = '0123456789'
const BLOB = describeBlob(TEXT)
const ALWAYS = Number.POSITIVE_INFINITY
const ROBOT = { username: 'robot', password: 'pa55word' }
const LOGIN = ['robot', 'pa55word'] as const
const BASE = { registry: 'registry.example', path: 'library/base' }

/** A body that counts how often it is opened. */
function counted(text = TEXT): { opened: number; readonly open: OpenBlob } {
  const body = {
    opened: 0,
    open: async function* () {
      body.opened += 1
      for (const letter of text) yield Buffer.from(letter)
    },
  }
  return body
}

function stored(registry: RegistryServer): string | undefined {
  return registry.store.repository(PATH).blobs.get(BLOB.digest)?.toString()
}

function methods(registry: RegistryServer): readonly string[] {
  return registry.requests.map(({ method }) => method)
}

for (const uploadLocation of ['relative', 'absolute', 'query', 'elsewhere'] as const) {
  test(`uploads where the Location is ${uploadLocation}, and credentials stay at the registry`, async (context) => {
    await using registry = await startRegistry({
      uploadLocation,
      auth: { by: 'basic', accounts: [ROBOT] },
    })
    await connect(context, registry, { login: LOGIN }).pushBlob(BLOB, counted().open)
    assert.equal(stored(registry), TEXT)
    assert.equal(registry.store.openUploads(), 0)
    const put = registry.requestsBy('PUT')
    assert.deepEqual(
      put.map(({ origin, headers }) => [origin, headers.authorization !== undefined]),
      [uploadLocation === 'elsewhere' ? ['elsewhere', false] : ['registry', true]],
    )
    assert.equal(put[0]?.headers['content-length'], String(TEXT.length))
  })
}

test('opens the body anew for each attempt after 503s on POST and PUT', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('POST'), 2, { status: 503 })
  registry.fault(on('PUT'), 2, { status: 503 })
  const body = counted()
  await connect(context, registry).pushBlob(BLOB, body.open)
  assert.deepEqual([stored(registry), body.opened, registry.store.openUploads()], [TEXT, 3, 0])
})

test('begins again when the connection is reset in the middle of the upload', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 2, 'reset')
  const body = counted()
  await connect(context, registry).pushBlob(BLOB, body.open)
  assert.deepEqual([stored(registry), body.opened, registry.store.openUploads()], [TEXT, 3, 0])
})

test('takes a 500 for a blob that was stored all the same for a failure, and ends well', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 1, 'applied, then 500')
  await connect(context, registry).pushBlob(BLOB, counted().open)
  assert.deepEqual([stored(registry), registry.store.openUploads()], [TEXT, 0])
})

test('closes its session when the upload fails for good', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 1, { status: 413 })
  await assert.rejects(connect(context, registry).pushBlob(BLOB, counted().open), (error) => {
    assert.ok(error instanceof PromotionError)
    return /413/.test(error.message) && /limits the size/.test(error.hint ?? '')
  })
  assert.deepEqual(methods(registry), ['POST', 'PUT', 'DELETE'])
  assert.equal(registry.store.openUploads(), 0)
})

test('a session that cannot be closed does not hide why the upload failed', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 1, { status: 403 })
  registry.fault(on('DELETE'), 1, 'reset')
  await assert.rejects(connect(context, registry).pushBlob(BLOB, counted().open), { status: 403 })
})

test('closes its session when the run is stopped', async (context) => {
  await using registry = await startRegistry()
  const stop = new AbortController()
  const reason = new PromotionError('interrupted', 'The run was ended')
  registry.fault(on('PUT'), 1, (_, proceed) => {
    stop.abort(reason)
    return { ...proceed(), cut: 'stall' }
  })
  registry.fault(on('DELETE'), 1, () => {
    registry.store.repository(PATH).uploads.clear()
    return answer(204)
  })
  const push = connect(context, registry, { signal: stop.signal }).pushBlob(BLOB, counted().open)
  await assert.rejects(push, (error) => error === reason)
  assert.deepEqual(methods(registry), ['POST', 'PUT', 'DELETE'])
})

test('a body whose source fails fails the upload with that error, once', async (context) => {
  await using registry = await startRegistry()
  const failure = new PromotionError('internal', 'the source failed')
  let opened = 0
  const open = async function* () {
    opened += 1
    yield Buffer.from('0')
    throw failure
  }
  await assert.rejects(connect(context, registry).pushBlob(BLOB, open), (error) => error === failure)
  assert.equal(opened, 1)
})

test('a source that used up its own retries is not tried again by the upload', async (context) => {
  await using source = await startRegistry()
  await using target = await startRegistry()
  source.fault(on('GET'), ALWAYS, { status: 503 })
  const from = connect(context, source)
  const push = connect(context, target).pushBlob(BLOB, () => from.fetchBlob(BLOB))
  await assert.rejects(push, /answered 503/)
  assert.equal(source.requests.length, 6)
})

test('refuses a wrong digest in the answer to an upload', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 1, (_, proceed) => {
    const made = proceed()
    const digest = describeBlob('other').digest
    return { ...made, headers: { ...made.headers, 'docker-content-digest': digest } }
  })
  await assert.rejects(
    connect(context, registry).pushBlob(BLOB, counted().open),
    /201 with the digest sha256:/,
  )
})

test('renews a token that expires between the POST and the PUT', async (context) => {
  await using registry = await startRegistry({
    auth: { by: 'bearer', accounts: [ROBOT], usesPerToken: 1 },
  })
  const body = counted()
  await connect(context, registry, { login: LOGIN }).pushBlob(BLOB, body.open)
  assert.deepEqual([stored(registry), body.opened], [TEXT, 2])
  assert.equal(registry.requestsBy('POST').length, 2, 'one without a token, one with it: no second session')
})

for (const [where, location] of [
  ['nowhere', undefined],
  ['to a malformed URL', 'http://'],
  ['to a link-local address', 'http://169.254.169.254/upload'],
  ['to a plain http host that was not named', 'http://storage.example/upload'],
] as const) {
  test(`refuses an upload whose Location leads ${where}, and sends nothing`, async (context) => {
    await using registry = await startRegistry()
    registry.fault(on('POST'), 1, { status: 202, headers: location === undefined ? {} : { location } })
    const body = counted()
    await assert.rejects(connect(context, registry).pushBlob(BLOB, body.open), { kind: 'registry' })
    assert.equal(body.opened, 0)
  })
}

test('sends an empty blob', async (context) => {
  await using registry = await startRegistry()
  const empty = describeBlob('')
  await connect(context, registry).pushBlob(empty, counted('').open)
  assert.ok(registry.store.repository(PATH).blobs.has(empty.digest))
})

test('mounts without sending a byte', async (context) => {
  await using registry = await startRegistry()
  registry.store.repository(BASE.path).putBlob(Buffer.from(TEXT))
  assert.equal(await connect(context, registry).mountBlob(BLOB, BASE), true)
  assert.equal(stored(registry), TEXT)
  assert.equal(registry.requestsBy('POST')[0]?.bytesIn, 0)
})

test('a mount that the registry would rather have uploaded leaves no session behind', async (context) => {
  await using registry = await startRegistry({ mount: 'refused' })
  assert.equal(await connect(context, registry).mountBlob(BLOB, BASE), false)
  assert.deepEqual([registry.store.openUploads(), methods(registry)], [0, ['POST', 'DELETE']])
})

for (const status of [400, 401, 403, 404, 405]) {
  test(`a mount that is answered with ${status} is to be uploaded`, async (context) => {
    await using registry = await startRegistry()
    const challenge = { 'www-authenticate': 'Basic realm="x"' }
    registry.fault(on('POST'), ALWAYS, { status, headers: status === 401 ? challenge : {} })
    assert.equal(await connect(context, registry, { login: LOGIN }).mountBlob(BLOB, BASE), false)
  })
}

for (const status of [429, 503]) {
  test(`a mount that goes on failing with ${status} is an error`, async (context) => {
    await using registry = await startRegistry()
    registry.fault(on('POST'), ALWAYS, { status })
    await assert.rejects(connect(context, registry).mountBlob(BLOB, BASE), { status })
  })
}
