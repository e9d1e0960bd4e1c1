import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { makeImageManifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildBlob } from '../builders/built-artifact.ts'
import { SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'
import { answer } from '../fakes/registry-exchange.ts'
import { EndlessServer } from './endless-server.ts'
import { secureScene } from './secure-scene.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const MEBIBYTE = 1024 * 1024
/** What the sockets of both ends and their streams hold beside what is read. */
const BUFFERS = 8 * MEBIBYTE
const DIGEST = digestOf('an image that never ends')
const INDEX = { 'content-type': MEDIA_TYPES.ociIndex }

describe('8. What does not end is not read to its end', () => {
  for (const [what, limit, why, answerTo] of [
    [
      'a manifest',
      4 * MEBIBYTE,
      /answered 200 with more than the 4194304 bytes/,
      () => ({ status: 200, headers: { 'content-type': MEDIA_TYPES.ociManifest } }),
    ],
    [
      'a token',
      128 * 1024,
      /\/token answered 200 with more than the 131072 bytes/,
      ({ url = '' }, origin) =>
        url.startsWith('/token')
          ? { status: 200, beginning: '{"token":"' }
          : `Bearer realm="${origin}/token",service="endless"`,
    ],
    ['an error', 8 * 1024, /answered 403: x{500}…/, () => ({ status: 403 })],
    ['what is said of an absent image', 4 * MEBIBYTE, /404/, () => ({ status: 404 })],
  ] as const satisfies readonly (readonly [
    string,
    number,
    RegExp,
    Parameters<typeof EndlessServer.start>[0],
  ])[]) {
    test(`${what} is given up at its limit`, async () => {
      await using endless = await EndlessServer.start(answerTo)
      await using scene = await secureScene()
      const { exitCode, result } = await scene.run({ lock: '', images: `${endless.host}/app@${DIGEST}` })
      assert.equal(exitCode, what.includes('absent') ? 3 : 4)
      assert.match(result.errors[0]?.message ?? '', why)
      assert.ok((result.errors[0]?.message.length ?? 0) < 1000)
      assert.ok(endless.longest < limit + BUFFERS, `${endless.longest} bytes were taken`)
    })
  }

  test('a list of referrers is given up at its limit', async () => {
    await using scene = await secureScene()
    const body = `{"schemaVersion":2,"manifests":[${' '.repeat(5 * MEBIBYTE)}]}`
    scene.source.fault(({ path }) => path.includes('/referrers/'), ALWAYS, {
      status: 200,
      headers: INDEX,
      body,
    })
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /referrers.* answered 200 with more than the 4194304 bytes/)
  })

  for (const [what, next, why] of [
    ['that leads back to itself', () => '', /more than 100 pages of referrers/],
    [
      'that grows for ever',
      (query: URLSearchParams) => `?page=${Number(query.get('page') ?? 0) + 1}`,
      /more than 100 pages of referrers/,
    ],
    ['on another host', () => 'http://127.0.0.1:1/next', /a next page on another host/],
  ] as const) {
    test(`a chain of pages ${what} is given up`, async () => {
      await using scene = await secureScene()
      const body = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] })
      scene.source.fault(
        ({ path }) => path.includes('/referrers/'),
        ALWAYS,
        ({ path, query }) => {
          const target = next(query)
          const link = `<${target.startsWith('http') ? target : `${path}${target}`}>; rel="next"`
          return answer(200, { ...INDEX, link }, body)
        },
      )
      const { exitCode, result } = await scene.run()
      assert.equal(exitCode, 4)
      assert.match(result.errors[0]?.message ?? '', why)
      const pages = Map.groupBy(scene.source.requests, ({ path }) => path)
      for (const [path, asked] of pages) if (path.includes('/referrers/')) assert.ok(asked.length <= 100)
    })
  }

  test('a list of tags without an end is given up, and nothing is lost by it', async () => {
    await using scene = await secureScene()
    const isList = ({ path }: { readonly path: string }) => path.endsWith('/tags/list')
    scene.source.fault(isList, ALWAYS, ({ path, query }) => {
      const last = Number(query.get('last') ?? 0) + 1
      const link = `<${path}?last=${last}>; rel="next"`
      return answer(
        200,
        { 'content-type': 'application/json', link },
        `{"name":"team/app","tags":["t${last}"]}`,
      )
    })
    const { exitCode, result } = await scene.run()
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.ok(scene.source.requests.filter(isList).length <= 100)
    assert.equal(result.images[0]?.targets[0]?.inventory.length, 3 + scene.sample.attached.length)
  })

  test('more than 1,000 referrers of one subject are refused', async () => {
    await using scene = await secureScene({ referrersApi: false })
    const entries = Array.from({ length: 1001 }, (_, number) => ({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: digestOf(`referrer ${number}`),
      size: 1,
    }))
    const { bytes, descriptor } = makeIndexManifest(entries)
    const repository = scene.source.store.repository(SOURCE_PATH)
    const list = fallbackTag(scene.sample.image.digest)
    repository.tags.set(list, repository.putManifest(bytes, descriptor.mediaType))
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /more than 1000 referrers/)
    assert.ok(!scene.source.requests.some(({ path }) => path.endsWith(digestOf('referrer 7'))))
  })

  test('of a .sig with 1,001 layers none is read', async () => {
    await using scene = await secureScene()
    const repository = scene.source.store.repository(SOURCE_PATH)
    const layers = Array.from({ length: 1001 }, (_, number) => {
      const blob = buildBlob(MEDIA_TYPES.simpleSigning, `payload ${number}`)
      return { ...blob.descriptor, annotations: { 'dev.cosignproject.cosign/signature': 'AAAA' } }
    })
    const config = buildBlob(MEDIA_TYPES.ociConfig, '{}')
    const { bytes, descriptor } = makeImageManifest({ config: config.descriptor, layers })
    const sig = repository.putManifest(bytes, descriptor.mediaType)
    repository.tags.set(attachedTag(scene.sample.image.digest, 'sig'), sig)
    scene.source.switches.referrersAnswer = 'empty'
    const { exitCode, result } = await scene.runInPlace('verify')
    assert.equal(exitCode, 5)
    assert.match(result.errors[0]?.message ?? '', /has 1001 layers, more than the 1000 that are judged/)
    const read = scene.source.requests.filter(
      ({ method, path }) => method === 'GET' && path.includes('/blobs/'),
    )
    assert.deepEqual(read, [])
  })

  test('a signature of more than 1 MiB is not read', async () => {
    await using scene = await secureScene()
    const repository = scene.source.store.repository(SOURCE_PATH)
    const config = buildBlob(MEDIA_TYPES.ociConfig, '{}')
    const layer = {
      mediaType: MEDIA_TYPES.simpleSigning,
      digest: digestOf('large'),
      size: MEBIBYTE + 1,
      annotations: { 'dev.cosignproject.cosign/signature': 'AAAA' },
    }
    const { bytes, descriptor } = makeImageManifest({ config: config.descriptor, layers: [layer] })
    const sig = repository.putManifest(bytes, descriptor.mediaType)
    repository.tags.set(attachedTag(scene.sample.image.digest, 'sig'), sig)
    scene.source.switches.referrersAnswer = 'empty'
    const { exitCode, result } = await scene.runInPlace('verify')
    assert.equal(exitCode, 5)
    assert.match(result.errors[0]?.message ?? '', /it has 1048577 bytes, more than the 1048576 that are read/)
    assert.ok(!scene.source.requests.some(({ path }) => path.endsWith(layer.digest)))
  })

  test('a blob that goes on after its size is given up, and no tag moves', async () => {
    await using scene = await secureScene()
    const blobs = ({ method, path }: { readonly method: string; readonly path: string }) =>
      method === 'GET' && path.includes('/blobs/')
    scene.source.fault(blobs, ALWAYS, (_, proceed) => {
      const own = proceed()
      return { ...own, body: Buffer.concat([own.body, Buffer.alloc(MEBIBYTE)]) }
    })
    const { exitCode, result } = await scene.run({ verify: 'none', 'public-key': '' })
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /answered 200 with more than the \d+ bytes/)
    assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
    assert.ok(!writesTo(scene.target).some(({ path }) => path.endsWith('/v1')))
  })
})
