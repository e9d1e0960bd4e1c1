import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import type { TargetRepository } from '../../src/registry/repository.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { answer } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, on, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'merge' })
const TAG = fallbackTag(IMAGE.digest)
const TYPE = 'application/vnd.example.scan'
const ALWAYS = Number.POSITIVE_INFINITY

function referrers(count: number, writer: string): readonly BuiltArtifact[] {
  return Array.from({ length: count }, (_, number) =>
    buildReferrer(IMAGE.descriptor, TYPE, `${writer} ${number}`, { writer }),
  )
}

/** A registry without the referrers API that holds these referrers and lists none of them. */
async function fallbackRegistry(all: readonly BuiltArtifact[]): Promise<RegistryServer> {
  const registry = await startRegistry({ referrersApi: false })
  for (const referrer of all) referrer.putInto(registry.store, PATH)
  registry.store.repository(PATH).tags.clear()
  return registry
}

function listed(registry: RegistryServer): readonly Descriptor[] {
  const index = registry.store.repository(PATH).findManifest(TAG)
  return index === undefined ? [] : JSON.parse(index.bytes.toString()).manifests
}

function digests(descriptors: readonly Descriptor[]): readonly string[] {
  return descriptors.map(({ digest }) => digest).toSorted()
}

function listAll(repository: TargetRepository, all: readonly BuiltArtifact[]): Promise<unknown> {
  return Promise.all(all.map(({ manifest }) => repository.listAsReferrer(manifest)))
}

test('two runs that list ten referrers each at the same time lose none', async (context) => {
  const [mine, theirs] = [referrers(10, 'mine'), referrers(10, 'theirs')]
  await using registry = await fallbackRegistry([...mine, ...theirs])
  await Promise.all([listAll(connect(context, registry), mine), listAll(connect(context, registry), theirs)])
  assert.deepEqual(digests(listed(registry)), digests([...mine, ...theirs].map((one) => one.descriptor)))
})

test('ten runs that list one referrer each at the same time lose none', async (context) => {
  const all = referrers(10, 'each')
  await using registry = await fallbackRegistry(all)
  await Promise.all(all.map((referrer) => listAll(connect(context, registry), [referrer])))
  assert.deepEqual(digests(listed(registry)), digests(all.map((one) => one.descriptor)))
})

test('an entry that a late writer undid after it was seen is written again', async (context) => {
  const [first, second] = referrers(2, 'mine')
  const [theirs] = referrers(1, 'theirs')
  assert.ok(first && second && theirs)
  await using registry = await fallbackRegistry([first, second, theirs])
  const stored = registry.store.repository(PATH)
  const repository = connect(context, registry, { mergePause: 1 })
  await repository.listAsReferrer(first.manifest)
  theirs.putInto(registry.store, PATH)
  const [own] = listed(registry).filter(({ digest }) => digest === theirs.digest)
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [own] }
  stored.tags.set(TAG, stored.putManifest(Buffer.from(JSON.stringify(index)), MEDIA_TYPES.ociIndex))
  await repository.listAsReferrer(second.manifest)
  assert.deepEqual(digests(listed(registry)), digests([first, second, theirs].map((one) => one.descriptor)))
})

test('looks again when the turn of a writer who read before it is over', async (context) => {
  const [mine] = referrers(1, 'mine')
  assert.ok(mine)
  await using registry = await fallbackRegistry([mine])
  const stored = registry.store.repository(PATH)
  registry.fault(on('PUT', TAG), 1, (_, proceed) => {
    const written = proceed()
    setTimeout(() => stored.tags.delete(TAG), 5)
    return written
  })
  await connect(context, registry, { mergePause: 40 }).listAsReferrer(mine.manifest)
  assert.deepEqual(digests(listed(registry)), [mine.digest])
  assert.equal(registry.requests.filter(on('PUT', TAG)).length, 2)
})

test('ten referrers of one run are written together', async (context) => {
  const all = referrers(10, 'mine')
  await using registry = await fallbackRegistry(all)
  await listAll(connect(context, registry, { mergePause: 1 }), all)
  assert.equal(listed(registry).length, 10)
  assert.ok(registry.requestsBy('PUT').length <= 2, `${registry.requestsBy('PUT').length} writes`)
})

test('writes nothing where the entry stands already', async (context) => {
  const [mine] = referrers(1, 'mine')
  assert.ok(mine)
  await using registry = await startRegistry({ referrersApi: false })
  mine.putInto(registry.store, PATH)
  await connect(context, registry).listAsReferrer(mine.manifest)
  assert.deepEqual(registry.requestsBy('PUT', 'POST'), [])
})

test('writes nothing where the registry has the referrers API', async (context) => {
  const [mine] = referrers(1, 'mine')
  assert.ok(mine)
  await using registry = await startRegistry()
  mine.putInto(registry.store, PATH)
  await connect(context, registry).listAsReferrer(mine.manifest)
  assert.deepEqual(registry.requestsBy('PUT', 'POST'), [])
})

test('a repository that was empty when it was first asked still has the referrers API', async (context) => {
  const [mine] = referrers(1, 'mine')
  assert.ok(mine)
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  const body = '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}'
  registry.fault(on('GET', '/referrers/'), 1, { status: 404, body })
  assert.deepEqual(await repository.listReferrers(IMAGE.digest), [])
  mine.putInto(registry.store, PATH)
  await repository.listAsReferrer(mine.manifest)
  assert.deepEqual(registry.requestsBy('PUT'), [])
})

test('keeps what it does not know in the index and its entries, and the bytes of their order', async (context) => {
  const [theirs] = referrers(1, 'theirs')
  const [mine] = referrers(1, 'mine')
  assert.ok(theirs && mine)
  await using registry = await fallbackRegistry([theirs, mine])
  const entry = { ...theirs.descriptor, data: 'e30=', 'org.example': { kept: [1, null] }, urls: [] }
  const index = {
    schemaVersion: 2,
    'org.example.first': true,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: [entry],
    annotations: { kept: 'too' },
  }
  const stored = registry.store.repository(PATH)
  stored.tags.set(TAG, stored.putManifest(Buffer.from(JSON.stringify(index)), MEDIA_TYPES.ociIndex))
  await connect(context, registry, { mergePause: 1 }).listAsReferrer(mine.manifest)
  const after = JSON.parse(stored.findManifest(TAG)?.bytes.toString() ?? '')
  assert.deepEqual({ ...after, manifests: after.manifests.slice(0, 1) }, index)
  assert.deepEqual(digests(after.manifests.slice(1)), [mine.digest])
})

test('writes entries with artifactType and annotations', async (context) => {
  const [mine] = referrers(1, 'mine')
  assert.ok(mine)
  await using registry = await fallbackRegistry([mine])
  await connect(context, registry, { mergePause: 1 }).listAsReferrer(mine.manifest)
  assert.deepEqual(listed(registry), [
    { ...mine.descriptor, artifactType: TYPE, annotations: { writer: 'mine' } },
  ])
})

test('gives up when what it writes is never kept', async (context) => {
  const [mine] = referrers(1, 'mine')
  assert.ok(mine)
  await using registry = await fallbackRegistry([mine])
  registry.fault(on('PUT', TAG), ALWAYS, () => answer(201))
  await assert.rejects(
    connect(context, registry, { mergePause: 1 }).listAsReferrer(mine.manifest),
    new RegExp(
      `^RegistryError: PUT http://${registry.host}/v2/${PATH}/manifests/${TAG} failed: what was written was gone`,
    ),
  )
  assert.equal(registry.requestsBy('PUT').length, 10)
})

test('an index that is nested too deeply to be written again is an error of the registry', async (context) => {
  const [mine] = referrers(1, 'mine')
  assert.ok(mine)
  await using registry = await fallbackRegistry([mine])
  const stored = registry.store.repository(PATH)
  const deep = `{"schemaVersion":2,"manifests":[],"x":${'['.repeat(300_000)}${']'.repeat(300_000)}}`
  stored.tags.set(TAG, stored.putManifest(Buffer.from(deep), MEDIA_TYPES.ociIndex))
  await assert.rejects(connect(context, registry).listAsReferrer(mine.manifest), {
    kind: 'registry',
    message: /nested too deeply/,
  })
})

test('a run that is stopped does not wait for the turns of others', async (context) => {
  await using registry = await fallbackRegistry([])
  IMAGE.putInto(registry.store, PATH)
  const stop = new AbortController()
  const reason = new Error('The run was ended by SIGTERM')
  registry.fault(on('PUT', 'merged'), 1, (_, proceed) => {
    setTimeout(() => stop.abort(reason), 20)
    return proceed()
  })
  const repository = connect(context, registry, { mergePause: 60_000, signal: stop.signal })
  await assert.rejects(
    repository.mergeTag('merged', async () => IMAGE.manifest),
    (error) => error === reason,
  )
  assert.equal(registry.requestsBy('PUT').length, 1)
})

test('a merge that fails writes nothing, and the next one gets its turn', async (context) => {
  await using registry = await fallbackRegistry([])
  IMAGE.putInto(registry.store, PATH)
  const repository = connect(context, registry, { mergePause: 1 })
  const failing = repository.mergeTag('merged', () => Promise.reject(new Error('no merge')))
  const next = repository.mergeTag('merged', async (current) =>
    current === undefined ? IMAGE.manifest : undefined,
  )
  await assert.rejects(failing, /no merge/)
  await next
  assert.equal(registry.store.repository(PATH).tags.get('merged'), IMAGE.digest)
})

test('a manifest without a subject is nobody’s referrer', async (context) => {
  await using registry = await fallbackRegistry([])
  await connect(context, registry).listAsReferrer(IMAGE.manifest)
  assert.deepEqual(registry.requests, [])
  assert.notEqual(TAG, fallbackTag(digestOf('other')))
})
