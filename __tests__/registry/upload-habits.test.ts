import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import type { TargetRepository } from '../../src/registry/repository.ts'
import { UploadHabits } from '../../src/registry/upload-habits.ts'
import type { RequestHead } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, connectRegistries, describeBlob, on, PATH } from './connect.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const TEXTS = ['first', 'second', 'third'] as const
const [FIRST, SECOND, THIRD] = TEXTS.map((text) => describeBlob(text)) as [Descriptor, Descriptor, Descriptor]
const LARGE = Buffer.alloc(256 * 1024 + 1)

function isMount({ query }: RequestHead): boolean {
  return query.has('mount')
}

/** The requests since the last look, a mount from the repository to itself as `ask`. */
function since(registry: RegistryServer): readonly string[] {
  return registry.requests.splice(0).map(({ method, query }) => {
    if (!query.has('mount')) return method
    return query.get('from') === PATH ? 'ask' : 'mount'
  })
}

function push(repository: TargetRepository, text: string | Buffer): Promise<void> {
  return repository.pushBlob(describeBlob(text), Buffer.from(text))
}

test('the first upload shows that a registry tells what it has: then one request asks and begins', async (context) => {
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  await push(repository, TEXTS[0])
  assert.deepEqual(since(registry), ['HEAD', 'POST', 'PUT', 'ask'])
  await push(repository, TEXTS[1])
  assert.deepEqual(since(registry), ['ask', 'PUT'])
  assert.equal(await repository.beginUpload(SECOND), 'present')
  assert.deepEqual(since(registry), ['ask'])
  assert.equal(registry.store.openUploads(), 0)
})

test('what is there already shows it as well', async (context) => {
  await using registry = await startRegistry()
  registry.store.repository(PATH).putBlob(Buffer.from(TEXTS[0]))
  const repository = connect(context, registry)
  assert.equal(await repository.beginUpload(FIRST), 'present')
  assert.deepEqual(since(registry), ['HEAD', 'ask'])
  await push(repository, TEXTS[1])
  assert.deepEqual(since(registry), ['ask', 'PUT'])
})

test('a registry that opens an upload for what it has does not tell: each blob is asked for, and no session is left', async (context) => {
  await using registry = await startRegistry({ mount: 'refused' })
  const repository = connect(context, registry)
  await push(repository, TEXTS[0])
  assert.deepEqual(since(registry), ['HEAD', 'POST', 'PUT', 'ask', 'DELETE'])
  for (const text of TEXTS.slice(1)) await push(repository, text)
  assert.deepEqual(since(registry), ['HEAD', 'POST', 'PUT', 'HEAD', 'POST', 'PUT'])
  assert.equal(await repository.beginUpload(THIRD), 'present')
  assert.deepEqual(since(registry), ['HEAD'])
  assert.equal(registry.store.openUploads(), 0)
})

test('so does one that knows no mounts', async (context) => {
  await using registry = await startRegistry({ mount: 'missing' })
  const repository = connect(context, registry)
  for (const text of TEXTS) await push(repository, text)
  assert.deepEqual(since(registry), [
    'HEAD',
    'POST',
    'PUT',
    'ask',
    'HEAD',
    'POST',
    'PUT',
    'HEAD',
    'POST',
    'PUT',
  ])
})

test('it is learned once a host, for all of its repositories, and small blobs under way wait for it', async (context) => {
  await using registry = await startRegistry()
  const registries = connectRegistries(context)
  const at = (path: string) => registries.target({ registry: registry.host, path })
  await Promise.all(TEXTS.map((text) => push(at(text), text)))
  const asked = registry.requests.filter(({ method }) => method !== 'PUT')
  assert.deepEqual(
    asked.map(({ method, query }) => [method, query.get('from')]).toSorted(),
    [['HEAD', null], ['POST', null], ...TEXTS.map((text) => ['POST', text])].toSorted(),
  )
})

test('a large blob waits for nobody and teaches nothing', async (context) => {
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  await push(repository, LARGE)
  assert.deepEqual(since(registry), ['HEAD', 'POST', 'PUT'])
  const first = await repository.beginUpload(FIRST)
  await push(repository, Buffer.concat([LARGE, LARGE]))
  assert.ok(typeof first !== 'string')
  await first.cancel()
})

for (const [what, status] of [
  ['refuses to be asked', 403],
  ['fails when it is asked', 500],
] as const) {
  test(`a registry that ${what} has the blob all the same, and is asked in the other way`, async (context) => {
    await using registry = await startRegistry()
    registry.fault(isMount, ALWAYS, { status })
    const repository = connect(context, registry)
    for (const text of TEXTS) await push(repository, text)
    for (const { digest } of [FIRST, SECOND, THIRD])
      assert.ok(registry.store.repository(PATH).blobs.has(digest))
  })
}

test('a refusal of one question is answered by asking in the other way', async (context) => {
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  await push(repository, TEXTS[0])
  since(registry)
  registry.fault(isMount, 1, { status: 405 })
  await push(repository, TEXTS[1])
  assert.deepEqual(since(registry), ['ask', 'HEAD', 'POST', 'PUT'])
})

for (const [what, end] of [
  ['is given up', (upload: { cancel(): Promise<void> }) => upload.cancel()],
  [
    'fails',
    (upload: { send(content: Uint8Array): Promise<void> }) =>
      assert.rejects(upload.send(Buffer.from(TEXTS[0])), { status: 413 }),
  ],
] as const) {
  test(`an upload that ${what} teaches nothing, and holds up nobody`, async (context) => {
    await using registry = await startRegistry()
    const repository = connect(context, registry)
    const first = await repository.beginUpload(FIRST)
    assert.ok(typeof first !== 'string')
    const waiting = push(repository, TEXTS[1])
    registry.fault(on('PUT'), what === 'fails' ? 1 : 0, { status: 413 })
    await end(first)
    await waiting
    since(registry)
    await push(repository, TEXTS[2])
    assert.deepEqual(since(registry), ['HEAD', 'POST', 'PUT', 'ask'])
  })
}

test('a host is found out by one at a time, and by the next one when nothing was found', async () => {
  const habits = new UploadHabits()
  assert.equal(habits.of('one.example'), undefined)
  const learned = habits.learn('one.example')
  const waiting = habits.of('one.example')
  assert.ok(waiting)
  assert.equal(habits.of('two.example'), undefined)
  learned(undefined)
  assert.equal(await waiting, false)
  assert.equal(habits.of('one.example'), undefined)
  habits.learn('one.example')(true)
  assert.equal(await habits.of('one.example'), true)
})
