import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BlobUpload, UploadAnswer } from '../../src/registry/repository.ts'
import type { RequestHead } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, connectRegistries, describeBlob, PATH } from './connect.ts'

const TEXT = '0123456789'
const BLOB = describeBlob(TEXT)
const ALWAYS = Number.POSITIVE_INFINITY
const LOGIN = ['robot', 'pa55word'] as const
const BASE = { registry: 'registry.example', path: 'library/base' }

function isMount({ query }: RequestHead): boolean {
  return query.has('mount')
}

function methods(registry: RegistryServer): readonly string[] {
  return registry.requests.map(({ method, query }) => (query.has('mount') ? `${method} mount` : method))
}

function stored(registry: RegistryServer): string | undefined {
  return registry.store.repository(PATH).blobs.get(BLOB.digest)?.toString()
}

function mustBeUpload(answer: UploadAnswer): BlobUpload {
  assert.ok(typeof answer !== 'string')
  return answer
}

test('mounts with one request, without sending a byte', async (context) => {
  await using registry = await startRegistry()
  registry.store.repository(BASE.path).putBlob(Buffer.from(TEXT))
  assert.equal(await connect(context, registry).beginUpload(BLOB, BASE), 'mounted')
  assert.deepEqual([stored(registry), methods(registry)], [TEXT, ['POST mount']])
  const [asked] = registry.requests
  assert.deepEqual(
    [asked?.bytesIn, asked?.query.get('mount'), asked?.query.get('from')],
    [0, BLOB.digest, BASE.path],
  )
})

test('the upload that a registry opens instead of mounting is the one that is used', async (context) => {
  await using registry = await startRegistry({ mount: 'refused' })
  const upload = mustBeUpload(await connect(context, registry).beginUpload(BLOB, BASE))
  assert.equal(registry.store.openUploads(), 1)
  await upload.send(Buffer.from(TEXT))
  assert.deepEqual([stored(registry), registry.store.openUploads()], [TEXT, 0])
  assert.deepEqual(methods(registry), ['POST mount', 'PUT'])
})

test('the upload that a registry opens instead of mounting is closed when it is not wanted', async (context) => {
  await using registry = await startRegistry({ mount: 'refused' })
  await mustBeUpload(await connect(context, registry).beginUpload(BLOB, BASE)).cancel()
  assert.deepEqual([registry.store.openUploads(), methods(registry)], [0, ['POST mount', 'DELETE']])
})

for (const status of [400, 401, 403, 404, 405]) {
  test(`a mount that is answered with ${status} is uploaded`, async (context) => {
    await using registry = await startRegistry()
    const challenge = { 'www-authenticate': 'Basic realm="x"' }
    registry.fault(isMount, ALWAYS, { status, headers: status === 401 ? challenge : {} })
    const repository = connect(context, registry, { login: LOGIN })
    await mustBeUpload(await repository.beginUpload(BLOB, BASE)).send(Buffer.from(TEXT))
    assert.deepEqual([stored(registry), registry.store.openUploads()], [TEXT, 0])
  })

  test(`a mount that is answered with ${status} is not needed where the blob is there`, async (context) => {
    await using registry = await startRegistry()
    registry.store.repository(PATH).putBlob(Buffer.from(TEXT))
    const challenge = { 'www-authenticate': 'Basic realm="x"' }
    registry.fault(isMount, ALWAYS, { status, headers: status === 401 ? challenge : {} })
    assert.equal(await connect(context, registry, { login: LOGIN }).beginUpload(BLOB, BASE), 'present')
  })
}

for (const status of [429, 503]) {
  test(`a mount that goes on failing with ${status} is an error`, async (context) => {
    await using registry = await startRegistry()
    registry.fault(isMount, ALWAYS, { status })
    await assert.rejects(connect(context, registry).beginUpload(BLOB, BASE), { status })
  })
}

const HANGS = { timeout: 10_000 }

test(
  'one small blob for two repositories of a registry that cannot mount: neither waits for the other',
  HANGS,
  async (context) => {
    const registry = await startRegistry({ mount: 'missing' })
    context.after(() => registry.stop())
    const registries = connectRegistries(context)
    const repositories = ['one', 'two'].map((path) => registries.target({ registry: registry.host, path }))
    const answers = await Promise.all(repositories.map((repository) => repository.beginUpload(BLOB, BASE)))
    await Promise.all(answers.map((answer) => mustBeUpload(answer).send(Buffer.from(TEXT))))
    for (const path of ['one', 'two']) assert.ok(registry.store.repository(path).blobs.has(BLOB.digest))
  },
)
