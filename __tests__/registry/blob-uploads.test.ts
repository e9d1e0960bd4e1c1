import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { OpenBlob, TargetRepository } from '../../src/registry/repository.ts'
import { answer } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, describeBlob, on, PATH } from './connect.ts'

const TEXT = '0123456789'
const BLOB = describeBlob(TEXT)
const ALWAYS = Number.POSITIVE_INFINITY
const ROBOT = { username: 'robot', password: 'pa55word' }
const LOGIN = ['robot', 'pa55word'] as const

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

/** Uploads the blob as a large one is, from a stream that can be opened again. */
async function upload(repository: TargetRepository, open: OpenBlob, blob = BLOB): Promise<void> {
  const answer = await repository.beginUpload(blob)
  assert.ok(typeof answer !== 'string')
  await answer.send(open)
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
    await upload(connect(context, registry, { login: LOGIN }), counted().open)
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
  await upload(connect(context, registry), body.open)
  assert.deepEqual([stored(registry), body.opened, registry.store.openUploads()], [TEXT, 3, 0])
})

test('begins again when the connection is reset in the middle of the upload', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 2, 'reset')
  const body = counted()
  await upload(connect(context, registry), body.open)
  assert.deepEqual([stored(registry), body.opened, registry.store.openUploads()], [TEXT, 3, 0])
})

test('takes a 500 for a blob that was stored all the same for a failure, and ends well', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 1, 'applied, then 500')
  await upload(connect(context, registry), counted().open)
  assert.deepEqual([stored(registry), registry.store.openUploads()], [TEXT, 0])
})

test('closes its session when the upload fails for good', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 1, { status: 413 })
  await assert.rejects(upload(connect(context, registry), counted().open), (error) => {
    assert.ok(error instanceof PromotionError)
    return /413/.test(error.message) && /limits the size/.test(error.hint ?? '')
  })
  assert.deepEqual(methods(registry), ['HEAD', 'POST', 'PUT', 'DELETE'])
  assert.equal(registry.store.openUploads(), 0)
})

test('a session that cannot be closed does not hide why the upload failed', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 1, { status: 403 })
  registry.fault(on('DELETE'), 1, 'reset')
  await assert.rejects(upload(connect(context, registry), counted().open), { status: 403 })
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
  const push = upload(connect(context, registry, { signal: stop.signal }), counted().open)
  await assert.rejects(push, (error) => error === reason)
  assert.deepEqual(methods(registry), ['HEAD', 'POST', 'PUT', 'DELETE'])
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
  await assert.rejects(upload(connect(context, registry), open), (error) => error === failure)
  assert.equal(opened, 1)
})

test('a source that used up its own retries is not tried again by the upload', async (context) => {
  await using source = await startRegistry()
  await using target = await startRegistry()
  source.fault(on('GET'), ALWAYS, { status: 503 })
  const from = connect(context, source)
  const push = upload(connect(context, target), () => from.fetchBlob(BLOB))
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
  await assert.rejects(upload(connect(context, registry), counted().open), /201 with the digest sha256:/)
})

test('renews a token that expires between the POST and the PUT', async (context) => {
  await using registry = await startRegistry({
    auth: { by: 'bearer', accounts: [ROBOT], usesPerToken: 1 },
  })
  const body = counted()
  await upload(connect(context, registry, { login: LOGIN }), body.open)
  assert.deepEqual([stored(registry), body.opened], [TEXT, 2])
  const sessions = registry.requestsBy('POST').filter(({ query }) => !query.has('mount'))
  assert.deepEqual(sessions.length, 1, 'no second session')
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
    await assert.rejects(upload(connect(context, registry), body.open), { kind: 'registry' })
    assert.equal(body.opened, 0)
  })
}

test('sends an empty blob', async (context) => {
  await using registry = await startRegistry()
  const empty = describeBlob('')
  await upload(connect(context, registry), counted('').open, empty)
  assert.ok(registry.store.repository(PATH).blobs.has(empty.digest))
})

test('says that a blob is there, and begins nothing', async (context) => {
  await using registry = await startRegistry()
  registry.store.repository(PATH).putBlob(Buffer.from(TEXT))
  assert.equal(await connect(context, registry).beginUpload(BLOB), 'present')
  assert.deepEqual(registry.requestsBy('PUT', 'DELETE'), [])
  assert.equal(registry.store.openUploads(), 0)
})

test('an upload that is given up leaves no session behind, and one that was sent is not given up', async (context) => {
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  const given = await repository.beginUpload(BLOB)
  assert.ok(typeof given !== 'string')
  assert.equal(registry.store.openUploads(), 1)
  await given.cancel()
  assert.equal(registry.store.openUploads(), 0)
  const sent = await repository.beginUpload(BLOB)
  assert.ok(typeof sent !== 'string')
  await sent.send(Buffer.from(TEXT))
  const deleted = registry.requestsBy('DELETE').length
  await sent.cancel()
  assert.deepEqual([stored(registry), registry.requestsBy('DELETE').length], [TEXT, deleted])
})

test('a session that the registry has lost is begun again', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), 2, () => {
    registry.store.repository(PATH).uploads.clear()
    return answer(404, {}, '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"restarted"}]}')
  })
  const body = counted()
  await upload(connect(context, registry), body.open)
  assert.deepEqual([stored(registry), body.opened, registry.store.openUploads()], [TEXT, 3, 0])
  assert.equal(new Set(registry.requestsBy('PUT').map(({ path }) => path)).size, 3)
})

test('sessions that are lost again and again are an error in the registry’s words', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT'), ALWAYS, {
    status: 404,
    body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"restarted"}]}',
  })
  await assert.rejects(upload(connect(context, registry), counted().open), {
    status: 404,
    message: /the upload session is lost .*BLOB_UPLOAD_UNKNOWN: restarted/,
  })
  assert.equal(registry.requestsBy('PUT').length, 6)
})

test('a source that lacks the blob is not taken for a lost session', async (context) => {
  await using source = await startRegistry()
  await using target = await startRegistry()
  const from = connect(context, source)
  const push = upload(connect(context, target), () => from.fetchBlob(BLOB))
  await assert.rejects(push, (error: Error) => {
    assert.match(error.message, new RegExp(`^GET http://${source.host}/.* answered 404`))
    return true
  })
  assert.equal(source.requests.length, 1)
  assert.equal(target.store.openUploads(), 0)
})
