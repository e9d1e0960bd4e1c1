import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { MANIFEST_LIMIT } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { connect, FAST, on, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'repository', layers: [Buffer.from('layer')] })
const INDEX = buildIndex([IMAGE])
const ALWAYS = Number.POSITIVE_INFINITY
const WRONG = digestOf('wrong')

async function registryWithImage(switches: Partial<RegistrySwitches> = {}): Promise<RegistryServer> {
  const registry = await startRegistry(switches)
  INDEX.putInto(registry.store, PATH, 'index')
  IMAGE.putInto(registry.store, PATH, 'v1')
  return registry
}

const REFUSALS = [401, 403, 405, 410, 429, 451, 500, 502, 503, 504] as const

for (const status of REFUSALS) {
  test(`a manifest that is answered with ${status} is an error and not absent`, async (context) => {
    await using registry = await registryWithImage()
    registry.fault(on('GET'), Number.POSITIVE_INFINITY, { status })
    const repository = connect(context, registry)
    await assert.rejects(repository.fetchManifest('v1'), (error) => {
      assert.ok(error instanceof RegistryError)
      assert.equal(error.status, status)
      return error.kind === 'registry' && error.hint !== undefined
    })
  })

  test(`a HEAD that is answered with ${status} never says that something is absent`, async (context) => {
    await using registry = await registryWithImage()
    registry.fault(({ method }) => method !== 'PUT', Number.POSITIVE_INFINITY, { status })
    const repository = connect(context, registry)
    await assert.rejects(repository.resolve('v1'), RegistryError)
    await assert.rejects(repository.hasBlob(IMAGE.descriptor), RegistryError)
  })
}

for (const body of ['default backend - 404', '<h1>404</h1>', '{"errors":[{"message":"no code"}]}', '']) {
  test(`a 404 that says ${JSON.stringify(body)} is asked for once more before it is believed`, async (context) => {
    await using registry = await registryWithImage()
    const repository = connect(context, registry)
    registry.fault(on('GET'), 1, { status: 404, body })
    assert.equal((await repository.fetchManifest('v1'))?.descriptor.digest, IMAGE.digest)
    registry.requests.length = 0
    registry.fault(on('GET'), 2, { status: 404, body })
    assert.equal(await repository.fetchManifest('v1'), undefined)
    assert.equal(registry.requests.length, 2)
  })
}

test('a 404 in the words of a registry, or for HEAD, is believed at once', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry)
  assert.equal(await repository.fetchManifest('none'), undefined)
  assert.equal(await repository.resolve('none'), undefined)
  assert.deepEqual(
    registry.requests.map(({ method }) => method),
    ['GET', 'HEAD'],
  )
})

test('a storage that does not have a manifest does not make it absent', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry)
  const location = `http://${registry.hostElsewhere}/bucket/v1`
  const body = '<Error><Code>NoSuchKey</Code></Error>'
  registry.fault(({ origin }) => origin === 'registry', ALWAYS, { status: 307, headers: { location } })
  registry.fault(({ origin }) => origin === 'elsewhere', ALWAYS, { status: 404, body })
  for (const ask of [repository.fetchManifest('v1'), repository.resolve('v1')]) {
    await assert.rejects(ask, { kind: 'registry', status: 404, message: /^GET .+ 404 after a redirect/ })
  }
})

test('a registry that only points to another one has what that one has', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry)
  const body = '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}'
  registry.fault(({ origin }) => origin === 'registry', ALWAYS, {
    status: 307,
    headers: { location: `http://${registry.hostElsewhere}/v2/${PATH}/manifests/v1` },
  })
  registry.fault(({ origin }) => origin === 'elsewhere', 1, { status: 404, body: 'default backend - 404' })
  registry.fault(({ origin }) => origin === 'elsewhere', ALWAYS, { status: 404, body })
  assert.equal(await repository.fetchManifest('v1'), undefined)
  assert.equal(await repository.resolve('v1'), undefined)
})

test('a web page under status 200 is an error and not absent', async (context) => {
  await using registry = await registryWithImage()
  const body = '<!doctype html><title>Sign in</title>'
  registry.fault(({ path }) => path.includes('manifests'), Number.POSITIVE_INFINITY, {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body,
  })
  const repository = connect(context, registry)
  await assert.rejects(repository.fetchManifest('v1'), /is not JSON/)
  await assert.rejects(repository.resolve('v1'), /is not JSON/)
})

for (const play of ['flipped byte', 'short body', 'extra bytes'] as const) {
  test(`refuses a manifest with ${play}, with and without a digest header`, async (context) => {
    await using registry = await registryWithImage()
    registry.fault(on('GET'), Number.POSITIVE_INFINITY, play)
    const repository = connect(context, registry)
    await assert.rejects(repository.fetchManifest(IMAGE.digest), { kind: 'registry' })
    await assert.rejects(repository.fetchManifest('v1'), { kind: 'registry' })
    registry.switches.digestHeader = false
    await assert.rejects(repository.fetchManifest(IMAGE.digest), { kind: 'registry' })
  })
}

test('refuses valid bytes of another manifest under a digest', async (context) => {
  await using registry = await registryWithImage({ digestHeader: false })
  const other = buildImage({ seed: 'another' })
  registry.store.repository(PATH).putManifest(other.manifest.bytes, MEDIA_TYPES.ociManifest, IMAGE.digest)
  await assert.rejects(
    connect(context, registry).fetchManifest(IMAGE.digest),
    new RegExp(`has the digest ${other.digest} instead of ${IMAGE.digest}`),
  )
})

test('refuses a wrong Docker-Content-Digest in the answer to GET, HEAD and PUT', async (context) => {
  await using registry = await registryWithImage()
  registry.fault(
    () => true,
    Number.POSITIVE_INFINITY,
    (_, proceed) => {
      const answer = proceed()
      return { ...answer, headers: { ...answer.headers, 'docker-content-digest': WRONG } }
    },
  )
  const repository = connect(context, registry)
  const named = new RegExp(`with the digest ${WRONG} for ${IMAGE.digest}`)
  await assert.rejects(repository.fetchManifest('v1'), named)
  await assert.rejects(repository.fetchManifest(IMAGE.digest), named)
  await assert.rejects(repository.resolve(IMAGE.digest), named)
  await assert.rejects(repository.pushManifest(IMAGE.manifest), named)
  await assert.rejects(repository.tag('v1', IMAGE.manifest), named)
})

test('reads no more than 4 MiB of a manifest', async (context) => {
  await using registry = await registryWithImage()
  const padding = ' '.repeat(MANIFEST_LIMIT + 1 - IMAGE.manifest.bytes.byteLength)
  const large = Buffer.concat([Buffer.from(IMAGE.manifest.bytes), Buffer.from(padding)])
  const repository = connect(context, registry)
  const inside = registry.store.repository(PATH).putManifest(large.subarray(0, -1), MEDIA_TYPES.ociManifest)
  const beyond = registry.store.repository(PATH).putManifest(large, MEDIA_TYPES.ociManifest)
  assert.equal((await repository.fetchManifest(inside))?.bytes.byteLength, MANIFEST_LIMIT)
  await assert.rejects(repository.fetchManifest(beyond), /more than the 4194304 bytes that are read/)
})

for (const manifestContentType of ['text/plain', `${MEDIA_TYPES.ociManifest}; charset=utf-8`]) {
  test(`tolerates the Content-Type ${manifestContentType}`, async (context) => {
    await using registry = await registryWithImage({ manifestContentType })
    const repository = connect(context, registry)
    assert.deepEqual((await repository.fetchManifest('v1'))?.descriptor, IMAGE.descriptor)
    assert.deepEqual(await repository.resolve('v1'), IMAGE.descriptor)
  })
}

test('refuses an image that is announced as an index, and an index announced as an image', async (context) => {
  await using registry = await registryWithImage({ manifestContentType: MEDIA_TYPES.ociIndex })
  const repository = connect(context, registry)
  await assert.rejects(repository.fetchManifest(IMAGE.digest), /was announced as/)
  registry.switches.manifestContentType = MEDIA_TYPES.ociManifest
  await assert.rejects(repository.fetchManifest(INDEX.digest), /was announced as/)
})

test('refuses an index that is also an image', async (context) => {
  await using registry = await registryWithImage()
  const both = { ...JSON.parse(Buffer.from(IMAGE.manifest.bytes).toString()), manifests: [] }
  const bytes = Buffer.from(JSON.stringify(both))
  const digest = registry.store.repository(PATH).putManifest(bytes, MEDIA_TYPES.ociManifest)
  await assert.rejects(connect(context, registry).fetchManifest(digest), /CVE-2021-41190/)
})

test('resolves with one HEAD and reads no manifest for it', async (context) => {
  await using registry = await registryWithImage()
  assert.deepEqual(await connect(context, registry).resolve('v1'), IMAGE.descriptor)
  assert.deepEqual(
    registry.requests.map(({ method }) => method),
    ['HEAD'],
  )
})

test('resolves by GET where HEAD is refused, has no digest, or has no length', async (context) => {
  await using registry = await registryWithImage({ manifestHead: false })
  const repository = connect(context, registry)
  assert.deepEqual(await repository.resolve('v1'), IMAGE.descriptor)
  assert.equal(await repository.resolve('v2'), undefined)
  registry.switches.manifestHead = true
  registry.switches.digestHeader = false
  assert.deepEqual(await repository.resolve('v1'), IMAGE.descriptor)
  registry.switches.digestHeader = true
  registry.fault(on('HEAD'), 1, (_, proceed) => ({ ...proceed(), body: Buffer.alloc(0) }))
  assert.deepEqual(await repository.resolve('v1'), IMAGE.descriptor)
})

test('resolves a digest to itself where the registry names another algorithm', async (context) => {
  await using registry = await registryWithImage()
  const digest = digestOf(IMAGE.manifest.bytes, 'sha512')
  registry.store.repository(PATH).putManifest(IMAGE.manifest.bytes, MEDIA_TYPES.ociManifest, digest)
  registry.fault(on('HEAD'), 1, (_, proceed) => {
    const answer = proceed()
    return { ...answer, headers: { ...answer.headers, 'docker-content-digest': IMAGE.digest } }
  })
  const repository = connect(context, registry)
  assert.equal((await repository.resolve(digest))?.digest, digest)
  assert.equal((await repository.fetchManifest(digest))?.descriptor.digest, digest)
})

test('pushes manifests with their own media type and nothing behind it', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry)
  await repository.pushManifest(IMAGE.manifest)
  await repository.tag('v2', INDEX.manifest)
  assert.deepEqual(
    registry.requestsBy('PUT').map(({ path, headers }) => [path, headers['content-type']]),
    [
      [`/v2/${PATH}/manifests/${IMAGE.digest}`, MEDIA_TYPES.ociManifest],
      [`/v2/${PATH}/manifests/v2`, MEDIA_TYPES.ociIndex],
    ],
  )
})

test('says what an immutable tag is refused with, and asks once', async (context) => {
  await using registry = await registryWithImage({ immutableTags: true })
  await assert.rejects(connect(context, registry).tag('v1', IMAGE.manifest), {
    message: `PUT http://${registry.host}/v2/${PATH}/manifests/v1 answered 409: DENIED: the tag v1 exists and is immutable`,
  })
  assert.equal(registry.requests.length, 1)
})

test('removes a tag, is content with one that is gone, and says when it may not', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry)
  assert.equal(await repository.removeTag('v1'), true)
  assert.equal(registry.store.repository(PATH).tags.has('v1'), false)
  assert.equal(await repository.removeTag('v1'), true)
  registry.switches.tagDeletion = false
  assert.equal(await repository.removeTag('index'), false)
  for (const status of [400, 401, 403]) {
    registry.fault(on('DELETE'), 1, { status })
    assert.equal(await repository.removeTag('index'), false)
  }
  registry.fault(on('DELETE'), Number.POSITIVE_INFINITY, { status: 503 })
  await assert.rejects(repository.removeTag('index'), { status: 503 })
  assert.ok(registry.store.repository(PATH).manifests.has(IMAGE.digest))
})

test('removes a tag where a token has to be asked for first', async (context) => {
  const account = { username: 'robot', password: 'pa55word' }
  await using registry = await registryWithImage({ auth: { by: 'bearer', accounts: [account] } })
  const repository = connect(context, registry, { login: ['robot', 'pa55word'] })
  assert.equal(await repository.removeTag('v1'), true)
  assert.equal(registry.store.repository(PATH).tags.has('v1'), false)
})

test('keeps the bytes of small blobs, and asks for them once', async (context) => {
  await using registry = await registryWithImage()
  const [layer] = IMAGE.blobs
  assert.ok(layer)
  const repository = connect(context, registry, { retry: { ...FAST, retries: 0 } })
  registry.fault(on('GET', '/blobs/'), 1, 'flipped byte')
  await assert.rejects(repository.readBlob(layer.descriptor, 1000))
  for (const _ of [1, 2]) {
    assert.deepEqual(Buffer.from(await repository.readBlob(layer.descriptor, 1000)), layer.bytes)
  }
  assert.equal(registry.requestsBy('GET').length, 2, 'a reading that failed is not kept')
})
