import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildBlob } from '../builders/built-artifact.ts'
import { ask, errorCode } from './registry-client.ts'
import { startRegistry } from './registry-server.ts'

const IMAGE = buildImage({ seed: 'fake', layers: [Buffer.from('0123456789')] })
const LAYER = digestOf('0123456789')
const CONTENT_TYPE = { 'content-type': MEDIA_TYPES.ociManifest }
const BODY = Buffer.from(IMAGE.manifest.bytes).toString()

test('answers the version check, and what it does not know with 404', async () => {
  await using registry = await startRegistry()
  assert.equal((await ask(registry, 'GET', '/v2/')).status, 200)
  assert.equal((await ask(registry, 'GET', '/v1/search')).status, 404)
  assert.equal(errorCode(await ask(registry, 'GET', '/v2/Upper/Case/manifests/v1')), 'NAME_INVALID')
})

test('serves a manifest by tag and by digest, byte for byte', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  for (const reference of ['v1', IMAGE.digest]) {
    const got = await ask(registry, 'GET', `manifests/${reference}`)
    assert.equal(got.text, BODY)
    assert.equal(got.headers.get('content-type'), MEDIA_TYPES.ociManifest)
    assert.equal(got.headers.get('docker-content-digest'), IMAGE.digest)
    const head = await ask(registry, 'HEAD', `manifests/${reference}`)
    assert.equal(head.text, '')
    assert.equal(head.headers.get('content-length'), String(BODY.length))
  }
  assert.equal(errorCode(await ask(registry, 'GET', 'manifests/v2')), 'MANIFEST_UNKNOWN')
  assert.equal((await ask(registry, 'HEAD', `manifests/${digestOf('none')}`)).status, 404)
})

test('serves a blob whole and in ranges', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'team/app')
  const range = (text: string) => ask(registry, 'GET', `blobs/${LAYER}`, { headers: { range: text } })
  assert.equal((await ask(registry, 'GET', `blobs/${LAYER}`)).text, '0123456789')
  assert.equal((await ask(registry, 'HEAD', `blobs/${LAYER}`)).headers.get('content-length'), '10')
  const part = await range('bytes=2-4')
  assert.deepEqual([part.status, part.text, part.headers.get('content-range')], [206, '234', 'bytes 2-4/10'])
  assert.equal((await range('bytes=7-')).text, '789')
  assert.equal((await range('bytes=7-99')).text, '789')
  assert.equal((await range('bytes=10-')).status, 416)
  assert.equal(errorCode(await ask(registry, 'GET', `blobs/${digestOf('none')}`)), 'BLOB_UNKNOWN')
  assert.equal(errorCode(await ask(registry, 'GET', 'blobs/sha256:abc')), 'DIGEST_INVALID')
})

test('takes an upload in chunks, and only in their order', async () => {
  await using registry = await startRegistry()
  const begun = await ask(registry, 'POST', 'blobs/uploads/')
  const location = begun.headers.get('location') ?? ''
  const chunk = (range: string, body: string) =>
    ask(registry, 'PATCH', location, { headers: { 'content-range': range }, body })
  assert.equal(begun.status, 202)
  assert.equal((await chunk('0-3', '0123')).headers.get('range'), '0-3')
  assert.equal((await chunk('6-7', '67')).status, 416)
  assert.equal((await ask(registry, 'GET', location)).headers.get('range'), '0-3')
  assert.equal((await chunk('4-7', '4567')).headers.get('range'), '0-7')
  const finished = await ask(registry, 'PUT', `${location}?digest=${LAYER}`, { body: '89' })
  assert.equal(finished.status, 201)
  assert.equal(registry.store.repository('team/app').blobs.get(LAYER)?.toString(), '0123456789')
  assert.equal(registry.store.openUploads(), 0)
})

test('takes a blob with POST and PUT, and with one POST', async () => {
  await using registry = await startRegistry()
  const begun = await ask(registry, 'POST', 'blobs/uploads/')
  const location = begun.headers.get('location') ?? ''
  assert.equal(
    (await ask(registry, 'PUT', `${location}?digest=${LAYER}`, { body: '0123456789' })).status,
    201,
  )
  const long = digestOf('long', 'sha512')
  assert.equal((await ask(registry, 'POST', `blobs/uploads/?digest=${long}`, { body: 'long' })).status, 201)
  assert.equal((await ask(registry, 'GET', `blobs/${long}`)).text, 'long')
})

test('refuses a blob whose digest is not that of its bytes', async () => {
  await using registry = await startRegistry()
  for (const digest of [digestOf('other'), 'sha256:abc', '']) {
    const begun = await ask(registry, 'POST', 'blobs/uploads/')
    const url = `${begun.headers.get('location')}?digest=${digest}`
    assert.equal(errorCode(await ask(registry, 'PUT', url, { body: 'x' })), 'DIGEST_INVALID')
  }
  assert.deepEqual(registry.store.names(), [])
})

test('forgets a cancelled upload', async () => {
  await using registry = await startRegistry()
  const begun = await ask(registry, 'POST', 'blobs/uploads/')
  const location = begun.headers.get('location') ?? ''
  assert.equal(registry.store.openUploads(), 1)
  assert.equal((await ask(registry, 'DELETE', location)).status, 204)
  assert.equal(errorCode(await ask(registry, 'PATCH', location, { body: 'x' })), 'BLOB_UPLOAD_UNKNOWN')
  assert.equal(registry.store.openUploads(), 0)
})

test('mounts a blob of another repository, and begins an upload for one it lacks', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'library/base')
  const mount = (digest: string, from: string) =>
    ask(registry, 'POST', `blobs/uploads/?mount=${digest}&from=${from}`)
  assert.equal((await mount(LAYER, 'library/base')).status, 201)
  assert.equal((await ask(registry, 'GET', `blobs/${LAYER}`)).text, '0123456789')
  assert.equal((await mount(digestOf('none'), 'library/base')).status, 202)
  assert.equal((await mount(LAYER, 'library/other')).status, 202)
})

test('takes a manifest only when all it refers to is there', async () => {
  await using registry = await startRegistry()
  const put = (reference: string, body: string, type: string = MEDIA_TYPES.ociManifest) =>
    ask(registry, 'PUT', `manifests/${reference}`, { headers: { 'content-type': type }, body })
  const stored = registry.store.repository('team/app')
  const index = buildIndex([IMAGE])
  const indexBody = Buffer.from(index.manifest.bytes).toString()
  assert.equal(errorCode(await put('v1', BODY)), 'MANIFEST_BLOB_UNKNOWN')
  assert.equal(errorCode(await put('v1', indexBody, MEDIA_TYPES.ociIndex)), 'MANIFEST_BLOB_UNKNOWN')
  assert.equal(stored.tags.size, 0)
  for (const { bytes } of IMAGE.blobs) stored.putBlob(bytes)
  const taken = await put('v1', BODY)
  assert.equal(taken.status, 201)
  assert.equal(taken.headers.get('docker-content-digest'), IMAGE.digest)
  assert.equal((await put('all', indexBody, MEDIA_TYPES.ociIndex)).status, 201)
  assert.deepEqual(
    [...stored.tags],
    [
      ['v1', IMAGE.digest],
      ['all', index.digest],
    ],
  )
})

test('moves a tag that exists, and keeps what it pointed at', async () => {
  await using registry = await startRegistry()
  const other = buildImage({ seed: 'other' })
  other.putInto(registry.store, 'team/app', 'v1')
  IMAGE.putInto(registry.store, 'team/app')
  assert.equal(
    (await ask(registry, 'PUT', 'manifests/v1', { headers: CONTENT_TYPE, body: BODY })).status,
    201,
  )
  assert.equal((await ask(registry, 'GET', 'manifests/v1')).text, BODY)
  assert.equal((await ask(registry, 'GET', `manifests/${other.digest}`)).status, 200)
})

test('takes an image whose foreign layer is elsewhere', async () => {
  await using registry = await startRegistry()
  const config = buildBlob(MEDIA_TYPES.ociConfig, '{}')
  registry.store.repository('team/app').putBlob(config.bytes)
  const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar'
  const layers = [{ mediaType, digest: LAYER, size: 10, urls: ['https://example.org/layer'] }]
  const { bytes } = makeImageManifest({ config: config.descriptor, layers })
  const body = Buffer.from(bytes).toString()
  assert.equal((await ask(registry, 'PUT', 'manifests/v1', { headers: CONTENT_TYPE, body })).status, 201)
})

test('refuses a manifest that is malformed, too large, or not of the digest it is put under', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'team/app')
  const put = (reference: string, body: string, type: string = MEDIA_TYPES.ociManifest) =>
    ask(registry, 'PUT', `manifests/${reference}`, { headers: { 'content-type': type }, body })
  assert.equal(errorCode(await put('v1', '{')), 'MANIFEST_INVALID')
  assert.equal(errorCode(await put('v1', BODY, MEDIA_TYPES.ociIndex)), 'MANIFEST_INVALID')
  assert.equal(errorCode(await put('.v1', BODY)), 'MANIFEST_INVALID')
  assert.equal(errorCode(await put(digestOf('other'), BODY)), 'DIGEST_INVALID')
  assert.equal((await put('v1', ' '.repeat(4 * 1024 * 1024 + 1))).status, 413)
  assert.equal((await put(digestOf(BODY, 'sha512'), BODY)).status, 201)
})

test('deletes a tag alone, and a manifest with its tags', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  IMAGE.putInto(registry.store, 'team/app', 'v2')
  buildImage({ seed: 'other' }).putInto(registry.store, 'team/app', 'other')
  assert.equal((await ask(registry, 'DELETE', 'manifests/v1')).status, 202)
  assert.equal((await ask(registry, 'DELETE', 'manifests/v1')).status, 404)
  assert.equal((await ask(registry, 'GET', `manifests/${IMAGE.digest}`)).status, 200)
  assert.equal((await ask(registry, 'DELETE', `manifests/${IMAGE.digest}`)).status, 202)
  assert.deepEqual([...registry.store.repository('team/app').tags.keys()], ['other'])
  assert.equal((await ask(registry, 'DELETE', `blobs/${LAYER}`)).status, 202)
  assert.equal((await ask(registry, 'HEAD', `blobs/${LAYER}`)).status, 404)
})

test('lists tags in order, page by page', async () => {
  await using registry = await startRegistry()
  for (const tag of ['c', 'a', 'e', 'b', 'd']) IMAGE.putInto(registry.store, 'team/app', tag)
  assert.deepEqual(await pages('tags/list?n=2', 'tags'), [['a', 'b'], ['c', 'd'], ['e']])
  assert.deepEqual(await pages('tags/list', 'tags'), [['a', 'b', 'c', 'd', 'e']])
  assert.deepEqual(await pages('tags/list?n=0', 'tags'), [[]])
  assert.equal(errorCode(await ask(registry, 'GET', '/v2/none/tags/list')), 'NAME_UNKNOWN')

  async function pages(first: string, property: string): Promise<readonly unknown[]> {
    const got = await ask(registry, 'GET', first)
    const [, next] = /^<(.+)>; rel="next"$/.exec(got.headers.get('link') ?? '') ?? []
    return [JSON.parse(got.text)[property], ...(next ? await pages(next, property) : [])]
  }
})

test('lists referrers with the type and annotations of their manifests, filtered when asked', async () => {
  await using registry = await startRegistry()
  const scan = buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', 'scan', { a: '1' })
  const note = buildReferrer(IMAGE.descriptor, 'application/vnd.example.note', 'note')
  for (const { bytes } of scan.blobs) registry.store.repository('team/app').putBlob(bytes)
  const put = await ask(registry, 'PUT', `manifests/${scan.digest}`, {
    headers: CONTENT_TYPE,
    body: Buffer.from(scan.manifest.bytes).toString(),
  })
  assert.equal(put.headers.get('oci-subject'), IMAGE.digest, 'the subject may come later')
  note.putInto(registry.store, 'team/app')

  const all = await ask(registry, 'GET', `referrers/${IMAGE.digest}`)
  assert.equal(all.headers.get('content-type'), MEDIA_TYPES.ociIndex)
  assert.deepEqual(JSON.parse(all.text).manifests, [
    { ...scan.descriptor, artifactType: 'application/vnd.example.scan', annotations: { a: '1' } },
    { ...note.descriptor, artifactType: 'application/vnd.example.note' },
  ])
  const filtered = await ask(
    registry,
    'GET',
    `referrers/${IMAGE.digest}?artifactType=application/vnd.example.note`,
  )
  assert.deepEqual(
    JSON.parse(filtered.text).manifests.map((entry: { digest: string }) => entry.digest),
    [note.digest],
  )
  assert.equal(filtered.headers.get('oci-filters-applied'), 'artifactType')
  assert.deepEqual(
    JSON.parse((await ask(registry, 'GET', `referrers/${digestOf('none')}`)).text).manifests,
    [],
  )
})

test('records every request with its status and the bytes of both bodies', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'team/app')
  await ask(registry, 'GET', `blobs/${LAYER}`, { headers: { 'x-mark': 'here' } })
  await ask(registry, 'HEAD', `blobs/${LAYER}`)
  await ask(registry, 'POST', `blobs/uploads/?digest=${digestOf('abc')}`, { body: 'abc' })
  const [get, head, post] = registry.requests
  assert.deepEqual([get?.method, get?.path, get?.status], ['GET', `/v2/team/app/blobs/${LAYER}`, 200])
  assert.equal(get?.headers['x-mark'], 'here')
  assert.deepEqual([get?.bytesIn, get?.bytesOut, head?.bytesOut], [0, 10, 0])
  assert.deepEqual([post?.query.get('digest'), post?.bytesIn], [digestOf('abc'), 3])
  assert.deepEqual(registry.requestsBy('HEAD', 'POST'), [head, post])
})

test('stops while an answer is still owed', async () => {
  const registry = await startRegistry()
  registry.fault(() => true, 1, 'hang')
  const owed = assert.rejects(ask(registry, 'GET', '/v2/'))
  while (registry.requests.length === 0) await new Promise(setImmediate)
  await registry.stop()
  await owed
})
