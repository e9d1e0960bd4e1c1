import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { ask, errorCode } from './registry-client.ts'
import { type RegistryServer, startRegistry } from './registry-server.ts'

const IMAGE = buildImage({ seed: 'fake', layers: [Buffer.from('0123456789')] })
const LAYER = digestOf('0123456789')
const REFERRER = buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', 'scan')
const PUT = {
  headers: { 'content-type': MEDIA_TYPES.ociManifest },
  body: Buffer.from(IMAGE.manifest.bytes).toString(),
}

test('without the referrers API its endpoint is a 404, OCI-Subject is not sent, and builders keep the fallback tag', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  REFERRER.putInto(registry.store, 'team/app')
  assert.equal((await ask(registry, 'GET', `referrers/${IMAGE.digest}`)).status, 404)
  const put = await ask(registry, 'PUT', `manifests/${REFERRER.digest}`, {
    ...PUT,
    body: Buffer.from(REFERRER.manifest.bytes).toString(),
  })
  assert.deepEqual([put.status, put.headers.get('oci-subject')], [201, null])
  const list = JSON.parse((await ask(registry, 'GET', `manifests/${fallbackTag(IMAGE.digest)}`)).text)
  assert.deepEqual(
    list.manifests.map((entry: { digest: string }) => entry.digest),
    [REFERRER.digest],
  )
})

const REFERRERS_ANSWERS = {
  'not found': [404, 'application/json'],
  forbidden: [403, 'application/json'],
  failing: [500, 'application/json'],
  html: [200, 'text/html'],
  empty: [200, MEDIA_TYPES.ociIndex],
  'unknown manifest': [404, 'application/json'],
  redirect: [303, null],
} as const

for (const [referrersAnswer, expected] of Object.entries(REFERRERS_ANSWERS)) {
  test(`the referrers endpoint can be ${referrersAnswer}`, async () => {
    await using registry = await startRegistry({
      referrersAnswer: referrersAnswer as keyof typeof REFERRERS_ANSWERS,
    })
    REFERRER.putInto(registry.store, 'team/app')
    const got = await ask(registry, 'GET', `referrers/${IMAGE.digest}`)
    assert.deepEqual([got.status, got.headers.get('content-type')], expected)
    assert.equal(got.text.includes(REFERRER.digest), false)
  })
}

test('referrers come page by page, their filter kept in the link', async () => {
  await using registry = await startRegistry({ pageSize: 2 })
  const type = 'application/vnd.example.scan+json'
  const all = ['1', '2', '3', '4'].map((text) => buildReferrer(IMAGE.descriptor, type, text))
  for (const referrer of [...all, REFERRER]) referrer.putInto(registry.store, 'team/app')
  const first = await ask(
    registry,
    'GET',
    `referrers/${IMAGE.digest}?artifactType=${encodeURIComponent(type)}`,
  )
  const [, next = ''] = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? []
  const second = await ask(registry, 'GET', next)
  const listed = [first, second].map(({ text }) => JSON.parse(text).manifests.length)
  assert.deepEqual([listed, second.headers.get('link')], [[2, 2], null])
})

test('a page of tags is no larger than the registry allows', async () => {
  await using registry = await startRegistry({ pageSize: 2 })
  for (const tag of ['a', 'b', 'c']) IMAGE.putInto(registry.store, 'team/app', tag)
  const got = await ask(registry, 'GET', 'tags/list?n=1000')
  assert.deepEqual(JSON.parse(got.text).tags, ['a', 'b'])
  assert.equal(got.headers.get('link'), '</v2/team/app/tags/list?n=2&last=b>; rel="next"')
})

test('the artifactType filter can be ignored', async () => {
  await using registry = await startRegistry({ referrersFilter: false })
  REFERRER.putInto(registry.store, 'team/app')
  const got = await ask(registry, 'GET', `referrers/${IMAGE.digest}?artifactType=other`)
  assert.deepEqual([JSON.parse(got.text).manifests.length, got.headers.get('oci-filters-applied')], [1, null])
})

test('blobs can come from another origin, which wants no credentials', async () => {
  await using registry = await startRegistry({ redirectBlobs: true })
  IMAGE.putInto(registry.store, 'team/app')
  const redirect = await ask(registry, 'GET', `blobs/${LAYER}`)
  const location = redirect.headers.get('location') ?? ''
  assert.deepEqual([redirect.status, new URL(location).host], [307, registry.hostElsewhere])
  assert.notEqual(registry.host, registry.hostElsewhere)
  assert.equal((await ask(registry, 'GET', location, { headers: { range: 'bytes=5-' } })).text, '56789')
  assert.equal(
    (await ask(registry, 'GET', location, { headers: { authorization: 'Basic eA==' } })).status,
    400,
  )
  assert.equal((await ask(registry, 'GET', location.replace(/\?.*/, ''))).status, 403)
  const elsewhere = registry.requests.filter(({ origin }) => origin === 'elsewhere')
  assert.deepEqual(
    elsewhere.map(({ headers }) => headers.authorization),
    [undefined, 'Basic eA==', undefined],
  )
})

test('HEAD on manifests can be refused, on blobs it is not', async () => {
  await using registry = await startRegistry({ manifestHead: false })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  assert.equal((await ask(registry, 'HEAD', 'manifests/v1')).status, 405)
  assert.equal((await ask(registry, 'GET', 'manifests/v1')).status, 200)
  assert.equal((await ask(registry, 'HEAD', `blobs/${LAYER}`)).status, 200)
})

test('the digest header can be absent, and the content type wrong', async () => {
  await using registry = await startRegistry({ digestHeader: false, manifestContentType: 'text/plain' })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  for (const got of [
    await ask(registry, 'GET', 'manifests/v1'),
    await ask(registry, 'GET', `blobs/${LAYER}`),
    await ask(registry, 'PUT', 'manifests/v1', PUT),
  ]) {
    assert.equal(got.headers.get('docker-content-digest'), null)
  }
  assert.equal((await ask(registry, 'GET', 'manifests/v1')).headers.get('content-type'), 'text/plain')
})

test('an immutable tag refuses even the same image, and a new tag does not', async () => {
  await using registry = await startRegistry({ immutableTags: true })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  assert.equal((await ask(registry, 'PUT', 'manifests/v1', PUT)).status, 409)
  assert.equal((await ask(registry, 'PUT', 'manifests/v2', PUT)).status, 201)
  assert.equal((await ask(registry, 'PUT', `manifests/${IMAGE.digest}`, PUT)).status, 201)
})

test('deleting a tag can be refused, deleting a manifest is not', async () => {
  await using registry = await startRegistry({ tagDeletion: false })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  assert.equal(errorCode(await ask(registry, 'DELETE', 'manifests/v1')), 'UNSUPPORTED')
  assert.equal(registry.store.repository('team/app').tags.get('v1'), IMAGE.digest)
  assert.equal((await ask(registry, 'DELETE', `manifests/${IMAGE.digest}`)).status, 202)
})

test('a mount can be refused with an upload session, or with 404', async () => {
  await using registry = await startRegistry({ mount: 'refused' })
  IMAGE.putInto(registry.store, 'library/base')
  const mount = () => ask(registry, 'POST', `blobs/uploads/?mount=${LAYER}&from=library/base`)
  const refused = await mount()
  assert.deepEqual([refused.status, registry.store.openUploads()], [202, 1])
  assert.equal((await ask(registry, 'DELETE', refused.headers.get('location') ?? '')).status, 204)
  registry.switches.mount = 'missing'
  assert.equal((await mount()).status, 404)
  assert.equal(registry.store.openUploads(), 0)
  registry.switches.mount = 'normal'
  assert.equal((await mount()).status, 201)
})

test('blobs can come from an origin under another name', async () => {
  await using registry = await startRegistry({ redirectBlobs: 'another host' })
  IMAGE.putInto(registry.store, 'team/app')
  const location = (await ask(registry, 'GET', `blobs/${LAYER}`)).headers.get('location') ?? ''
  assert.equal(new URL(location).host, registry.hostElsewhere.replace('127.0.0.1', 'localhost'))
  assert.equal((await ask(registry, 'GET', location)).text, '0123456789')
})

const UPLOAD_HOSTS = {
  relative: (registry: RegistryServer) => registry.host,
  absolute: (registry: RegistryServer) => registry.host,
  query: (registry: RegistryServer) => registry.host,
  elsewhere: (registry: RegistryServer) => registry.hostElsewhere,
  'another host': (registry: RegistryServer) => registry.hostElsewhere.replace('127.0.0.1', 'localhost'),
} as const

for (const [name, hostOf] of Object.entries(UPLOAD_HOSTS)) {
  test(`an upload goes on at a location that is ${name}`, async () => {
    const uploadLocation = name as keyof typeof UPLOAD_HOSTS
    await using registry = await startRegistry({ uploadLocation })
    const begun = await ask(registry, 'POST', 'blobs/uploads/')
    const written = begun.headers.get('location') ?? ''
    const location = new URL(written, `http://${registry.host}`)
    assert.equal(written.startsWith('/'), uploadLocation === 'relative' || uploadLocation === 'query')
    assert.equal(location.host, hostOf(registry))
    if (location.search !== '') {
      const withoutQuery = await ask(
        registry,
        'PUT',
        `${location.origin}${location.pathname}?digest=${LAYER}`,
      )
      assert.equal(errorCode(withoutQuery), 'BLOB_UPLOAD_INVALID')
    }
    location.searchParams.set('digest', LAYER)
    assert.equal((await ask(registry, 'PUT', location.href, { body: '0123456789' })).status, 201)
    assert.ok(registry.store.repository('team/app').blobs.has(LAYER))
  })
}

test('an immutable tag can be refused in other words, and some tags be left out', async () => {
  const immutableTags = { status: 412, code: 'PRECONDITION', message: '{tag} configured as immutable' }
  await using registry = await startRegistry({ immutableTags, mutableTags: /^sha256-/ })
  for (const tag of ['v1', 'sha256-x']) IMAGE.putInto(registry.store, 'team/app', tag)
  const refused = await ask(registry, 'PUT', 'manifests/v1', PUT)
  assert.deepEqual([refused.status, errorCode(refused)], [412, 'PRECONDITION'])
  assert.match(refused.text, /v1 configured as immutable/)
  assert.equal((await ask(registry, 'PUT', 'manifests/sha256-x', PUT)).status, 201)
})

test('manifests can be refused by what they hold', async () => {
  const refusedManifests = { status: 405, code: 'UNSUPPORTED', message: 'no', matching: /image\.config/ }
  await using registry = await startRegistry({ refusedManifests })
  IMAGE.putInto(registry.store, 'team/app')
  REFERRER.putInto(registry.store, 'team/app')
  assert.equal((await ask(registry, 'PUT', 'manifests/v1', PUT)).status, 405)
  const body = Buffer.from(REFERRER.manifest.bytes).toString()
  assert.equal((await ask(registry, 'PUT', 'manifests/v1', { ...PUT, body })).status, 201)
})

test('a tag with the form of a digest can be read as that digest, unless there is such a tag', async () => {
  await using registry = await startRegistry({ tagsAsDigests: true })
  IMAGE.putInto(registry.store, 'team/app')
  const tag = fallbackTag(IMAGE.digest)
  const read = async () =>
    (await ask(registry, 'GET', `manifests/${tag}`)).headers.get('docker-content-digest')
  assert.equal(await read(), IMAGE.digest)
  REFERRER.putInto(registry.store, 'team/app')
  registry.store.repository('team/app').tags.set(tag, REFERRER.digest)
  assert.equal(await read(), REFERRER.digest)
})

test('pulls are counted by GET, told in headers, and end with 429', async () => {
  await using registry = await startRegistry({ pulls: 1 })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const left = async (method: string) => {
    const { status, headers } = await ask(registry, method, 'manifests/v1')
    return [status, headers.get('ratelimit-remaining')]
  }
  assert.deepEqual(await left('HEAD'), [200, '1;w=21600'])
  assert.deepEqual(await left('GET'), [200, '0;w=21600'])
  assert.deepEqual(await left('GET'), [429, '0;w=21600'])
  assert.deepEqual(await left('HEAD'), [200, '0;w=21600'])
})

test('a repository may have to be there before something is pushed to it', async () => {
  await using registry = await startRegistry({ createsRepositories: false })
  const begin = () => ask(registry, 'POST', 'blobs/uploads/')
  assert.equal(errorCode(await begin()), 'NAME_UNKNOWN')
  IMAGE.putInto(registry.store, 'team/app')
  assert.equal((await begin()).status, 202)
})

test('the link to the next page can name the host', async () => {
  await using registry = await startRegistry({ pageSize: 1, absoluteLinks: true })
  for (const tag of ['a', 'b']) IMAGE.putInto(registry.store, 'team/app', tag)
  const link = (await ask(registry, 'GET', 'tags/list')).headers.get('link')
  assert.equal(link, `<http://${registry.host}/v2/team/app/tags/list?n=1&last=a>; rel="next"`)
})

test('a repository can be read-only, and another one of the registry is not', async () => {
  await using registry = await startRegistry({ readOnly: /^team\/app$/ })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  for (const [method, path] of [
    ['POST', 'blobs/uploads/'],
    ['PUT', 'manifests/v1'],
    ['DELETE', 'manifests/v1'],
  ] as const)
    assert.equal((await ask(registry, method, path)).status, 405)
  assert.equal((await ask(registry, 'GET', 'manifests/v1')).status, 200)
  assert.equal((await ask(registry, 'POST', '/v2/team/other/blobs/uploads/')).status, 202)
})

test('manifests can be there for ever', async () => {
  await using registry = await startRegistry({ manifestDeletion: false })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const refused = await ask(registry, 'DELETE', `manifests/${IMAGE.digest}`)
  assert.deepEqual([refused.status, errorCode(refused)], [405, 'UNSUPPORTED'])
  assert.equal((await ask(registry, 'DELETE', 'manifests/v1')).status, 202)
})
