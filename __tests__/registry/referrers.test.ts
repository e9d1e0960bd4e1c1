import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { jsonAnswer } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { connect, on, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'referrers' })
const TYPE = 'application/vnd.example.scan'
const LISTED = buildReferrer(IMAGE.descriptor, TYPE, 'known to the API')
const TAGGED = buildReferrer(IMAGE.descriptor, TYPE, 'known to the fallback tag')
const ALWAYS = Number.POSITIVE_INFINITY
const REFERRERS = on('GET', '/referrers/')

/** One referrer that only the API lists, and one that only the fallback tag does. */
async function registryWithBoth(switches: Partial<RegistrySwitches> = {}): Promise<RegistryServer> {
  const registry = await startRegistry({ referrersApi: false })
  IMAGE.putInto(registry.store, PATH, 'v1')
  TAGGED.putInto(registry.store, PATH)
  registry.store.repository(PATH).manifests.delete(TAGGED.digest)
  Object.assign(registry.switches, { referrersApi: true, ...switches })
  LISTED.putInto(registry.store, PATH)
  return registry
}

function digests(descriptors: readonly Descriptor[]): readonly string[] {
  return descriptors.map(({ digest }) => digest).toSorted()
}

function putFallback(registry: RegistryServer, bytes: string, mediaType: string = MEDIA_TYPES.ociIndex) {
  const stored = registry.store.repository(PATH)
  stored.tags.set(fallbackTag(IMAGE.digest), stored.putManifest(Buffer.from(bytes), mediaType))
}

function indexOf(count: number): string {
  const manifests = Array.from({ length: count }, (_, number) => ({
    mediaType: MEDIA_TYPES.ociManifest,
    digest: digestOf(String(number)),
    size: 2,
  }))
  return JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests })
}

test('lists the union of the API and the fallback tag', async (context) => {
  await using registry = await registryWithBoth()
  const found = await connect(context, registry).listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [LISTED.digest, TAGGED.digest].toSorted())
})

test('lists in the same order, whatever the order of the registry is', async (context) => {
  await using registry = await startRegistry({ referrersApi: false })
  const { manifests, ...index } = JSON.parse(indexOf(9))
  const repository = connect(context, registry)
  putFallback(registry, JSON.stringify({ ...index, manifests }))
  const one = await repository.listReferrers(IMAGE.digest)
  putFallback(registry, JSON.stringify({ ...index, manifests: manifests.toReversed() }))
  assert.deepEqual(await repository.listReferrers(IMAGE.digest), one)
})

test('lists what the API and the fallback tag both name once', async (context) => {
  await using registry = await registryWithBoth()
  registry.store.repository(PATH).putManifest(TAGGED.manifest.bytes, MEDIA_TYPES.ociManifest)
  const found = await connect(context, registry).listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [LISTED.digest, TAGGED.digest].toSorted())
})

test('an API that answers with an empty list does not hide the fallback tag', async (context) => {
  await using registry = await registryWithBoth({ referrersAnswer: 'empty' })
  const found = await connect(context, registry).listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [TAGGED.digest])
})

for (const [what, answer] of [
  ['a 404 of its router', { status: 404, body: '404 page not found\n' }],
  ['a 404 with a code', { status: 404, body: '{"errors":[{"code":"NOT_FOUND","message":"no"}]}' }],
  ['a 405', { status: 405 }],
  ['a redirect without a Location', { status: 303 }],
] as const) {
  test(`a registry without the referrers API that answers ${what} has the fallback tag alone`, async (context) => {
    await using registry = await registryWithBoth()
    registry.fault(REFERRERS, ALWAYS, answer)
    const found = await connect(context, registry).listReferrers(IMAGE.digest)
    assert.deepEqual(digests(found), [TAGGED.digest])
  })
}

test('a redirect off the registry means no referrers API, and is not followed', async (context) => {
  await using registry = await registryWithBoth()
  const location = `http://${registry.hostElsewhere}/v2/${PATH}/referrers/${IMAGE.digest}`
  registry.fault(REFERRERS, ALWAYS, { status: 303, headers: { location } })
  const found = await connect(context, registry).listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [TAGGED.digest])
  assert.deepEqual(
    registry.requests.filter(({ origin }) => origin === 'elsewhere'),
    [],
  )
})

test('a redirect inside the registry is followed', async (context) => {
  await using registry = await registryWithBoth()
  const location = `/v2/${PATH}/referrers/${IMAGE.digest}?again=1`
  registry.fault((request) => REFERRERS(request) && !request.query.has('again'), ALWAYS, {
    status: 307,
    headers: { location },
  })
  const found = await connect(context, registry).listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [LISTED.digest, TAGGED.digest].toSorted())
})

test('a 404 about one subject does not stand for the others', async (context) => {
  await using registry = await registryWithBoth()
  registry.fault(REFERRERS, 1, { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN","message":""}]}' })
  const repository = connect(context, registry)
  assert.deepEqual(await repository.listReferrers(digestOf('another subject')), [])
  const found = await repository.listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [LISTED.digest, TAGGED.digest].toSorted())
})

for (const [what, answer] of [
  ['a plain 404', { status: 404, body: 'default backend - 404' }],
  ['a 404 with a code', { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN","message":""}]}' }],
  ['a 405', { status: 405 }],
  ['a redirect', { status: 302, headers: { location: 'https://login.example/' } }],
] as const) {
  test(`${what} of a referrers API that answered before is asked for again, and is an error if it stays`, async (context) => {
    await using registry = await registryWithBoth()
    const repository = connect(context, registry)
    await repository.listReferrers(digestOf('another subject'))
    registry.fault(REFERRERS, 1, answer)
    const found = await repository.listReferrers(IMAGE.digest)
    assert.deepEqual(digests(found), [LISTED.digest, TAGGED.digest].toSorted())
    registry.fault(REFERRERS, ALWAYS, answer)
    await assert.rejects(repository.listReferrers(IMAGE.digest), {
      status: answer.status,
      transient: true,
      message: /although the referrers API was there before$/,
    })
  })
}

test('a 404 that says that it does not know the subject is about this subject alone', async (context) => {
  await using registry = await registryWithBoth()
  const repository = connect(context, registry)
  await repository.listReferrers(digestOf('another subject'))
  const body = '{"errors":[{"code":"MANIFEST_UNKNOWN","message":""}]}'
  registry.fault(REFERRERS, 1, { status: 404, body })
  assert.deepEqual(digests(await repository.listReferrers(IMAGE.digest)), [TAGGED.digest])
  const found = await repository.listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [LISTED.digest, TAGGED.digest].toSorted())
})

test('a stray 404 counts as one when another answer of the API came while it was on its way', async (context) => {
  await using registry = await registryWithBoth()
  const repository = connect(context, registry)
  let answered: Promise<unknown> | undefined
  registry.fault(
    ({ path }) => path.endsWith(`/referrers/${IMAGE.digest}`),
    1,
    async () => {
      await answered
      return { status: 404, headers: {}, body: Buffer.from('default backend - 404') }
    },
  )
  answered = repository.listReferrers(digestOf('another subject'))
  const found = await repository.listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), [LISTED.digest, TAGGED.digest].toSorted())
})

test('a Link header of more than 4 KiB is refused', async (context) => {
  await using registry = await registryWithBoth()
  registry.fault(REFERRERS, 1, (_, proceed) => {
    const answer = proceed()
    return { ...answer, headers: { ...answer.headers, link: '<'.repeat(5000) } }
  })
  await assert.rejects(
    connect(context, registry).listReferrers(IMAGE.digest),
    /a Link header of more than 4096/,
  )
})

test('a registry whose router knows no such endpoint is asked for it once', async (context) => {
  await using registry = await registryWithBoth({ referrersApi: false })
  const repository = connect(context, registry)
  for (const _ of [1, 2, 3]) await repository.listReferrers(IMAGE.digest)
  assert.equal(registry.requests.filter(REFERRERS).length, 1)
})

for (const referrersAnswer of ['forbidden', 'failing', 'html'] as const) {
  test(`a referrers API that is ${referrersAnswer} is an error, not an empty list`, async (context) => {
    await using registry = await registryWithBoth({ referrersAnswer })
    await assert.rejects(connect(context, registry).listReferrers(IMAGE.digest), RegistryError)
  })
}

for (const [what, answer] of [
  ['an empty body', { status: 200 }],
  ['JSON that is no index', { status: 200, body: '{"errors":[]}' }],
  ['an image', { status: 200, body: Buffer.from(IMAGE.manifest.bytes).toString() }],
  ['401', { status: 401 }],
  ['410', { status: 410 }],
  ['429', { status: 429 }],
] as const) {
  test(`a referrers API that answers ${what} is an error, not an empty list`, async (context) => {
    await using registry = await registryWithBoth()
    registry.fault(REFERRERS, ALWAYS, answer)
    await assert.rejects(connect(context, registry).listReferrers(IMAGE.digest), { kind: 'registry' })
  })
}

test('a fallback tag that cannot be read is an error although the API answers', async (context) => {
  await using registry = await registryWithBoth()
  registry.fault(on('GET', fallbackTag(IMAGE.digest)), ALWAYS, { status: 403 })
  await assert.rejects(connect(context, registry).listReferrers(IMAGE.digest), { status: 403 })
})

test('reads every page of the list', async (context) => {
  await using registry = await startRegistry({ pageSize: 2 })
  const all = ['1', '2', '3', '4', '5'].map((text) => buildReferrer(IMAGE.descriptor, TYPE, text))
  for (const referrer of all) referrer.putInto(registry.store, PATH)
  const found = await connect(context, registry).listReferrers(IMAGE.digest)
  assert.deepEqual(digests(found), all.map(({ digest }) => digest).toSorted())
})

test('a page that fails is an error, not the end of the list', async (context) => {
  await using registry = await startRegistry({ pageSize: 1 })
  for (const text of ['1', '2']) buildReferrer(IMAGE.descriptor, TYPE, text).putInto(registry.store, PATH)
  registry.fault((request) => REFERRERS(request) && request.query.has('from'), ALWAYS, { status: 404 })
  await assert.rejects(connect(context, registry).listReferrers(IMAGE.digest), { status: 404 })
})

test('a next page on another host is refused and not asked for', async (context) => {
  await using registry = await registryWithBoth()
  const link = `<http://${registry.hostElsewhere}/v2/${PATH}/referrers/x>; rel="next"`
  registry.fault(REFERRERS, 1, (_, proceed) => {
    const answer = proceed()
    return { ...answer, headers: { ...answer.headers, link } }
  })
  await assert.rejects(
    connect(context, registry).listReferrers(IMAGE.digest),
    /with a next page on another host/,
  )
  assert.equal(registry.requests.filter(({ origin }) => origin === 'elsewhere').length, 0)
})

test('pages that lead in a circle come to an end', async (context) => {
  await using registry = await registryWithBoth()
  const link = `</v2/${PATH}/referrers/${IMAGE.digest}>; rel="next"`
  const empty = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }
  registry.fault(REFERRERS, ALWAYS, () => jsonAnswer(200, empty, { link }))
  await assert.rejects(connect(context, registry).listReferrers(IMAGE.digest), /more than 100 pages/)
})

test('1,000 referrers are read and one more is refused, by API and by fallback tag', async (context) => {
  await using registry = await startRegistry({ referrersApi: false })
  const repository = connect(context, registry)
  putFallback(registry, indexOf(1000))
  assert.equal((await repository.listReferrers(IMAGE.digest)).length, 1000)
  putFallback(registry, indexOf(1001))
  await assert.rejects(repository.listReferrers(IMAGE.digest), /more than 1000 referrers/)
  putFallback(registry, indexOf(0))
  registry.requests.length = 0
  const headers = { link: `</v2/${PATH}/referrers/${IMAGE.digest}?page=2>; rel="next"` }
  registry.fault(REFERRERS, ALWAYS, { status: 200, headers, body: indexOf(1001) })
  await assert.rejects(connect(context, registry).listReferrers(IMAGE.digest), /more than 1000 referrers/)
  assert.equal(registry.requests.filter(REFERRERS).length, 1)
})

test('something else than an index under the fallback tag stops reading and writing', async (context) => {
  await using registry = await startRegistry({ referrersApi: false })
  buildImage({ seed: 'another' }).putInto(registry.store, PATH, fallbackTag(IMAGE.digest))
  const repository = connect(context, registry)
  const problem = /where the referrers' index belongs/
  await assert.rejects(repository.listReferrers(IMAGE.digest), problem)
  await assert.rejects(repository.listAsReferrer(LISTED.manifest), problem)
  assert.deepEqual(registry.requestsBy('PUT'), [])
})

test('an entry with a malformed digest or size is an error, not left out', async (context) => {
  await using registry = await startRegistry({ referrersApi: false })
  const repository = connect(context, registry)
  for (const bad of [{ digest: 'sha256:../../../etc' }, { size: -1 }]) {
    const entry = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('x'), size: 2, ...bad }
    putFallback(registry, JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
    await assert.rejects(repository.listReferrers(IMAGE.digest), /malformed/)
  }
})
