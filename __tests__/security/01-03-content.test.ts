import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildBlob } from '../builders/built-artifact.ts'
import { type PromotionScene, type Run, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'
import { guarded, logins, requestsElsewhere, secureScene } from './secure-scene.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const IMAGE = buildImage({ seed: 'content' })
const INDEX = buildIndex([IMAGE])
const TRAVERSALS = [
  `sha256:${'../'.repeat(21)}a`,
  `sha256:${'a'.repeat(63)}`,
  `sha256:${'A'.repeat(64)}`,
  `sha256:${'a'.repeat(64)}/../x`,
  `sha256%3A${'a'.repeat(64)}`,
  `md5:${'a'.repeat(32)}`,
]

function jsonOf(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(Buffer.from(bytes).toString())
}

function source({ source: registry }: PromotionScene) {
  return registry.store.repository(SOURCE_PATH)
}

/** Puts bytes into the source as a manifest of this type, and lists them as the image to promote. */
async function listBytes(scene: PromotionScene, json: unknown, mediaType: string): Promise<Digest> {
  IMAGE.putInto(scene.source.store, SOURCE_PATH)
  const digest = source(scene).putManifest(Buffer.from(JSON.stringify(json)), mediaType)
  await scene.list({ image: scene.reference(digest) })
  return digest
}

function refused(scene: PromotionScene, { exitCode, result }: Run, code: number, why: RegExp): void {
  assert.equal(exitCode, code)
  assert.match(result.errors.map(({ message }) => message).join('\n'), why)
  assert.deepEqual([...scene.targets, scene.source].flatMap(writesTo), [])
}

/** No digest of somebody else's making became a part of a URL. */
function askedForNothingStrange(scene: PromotionScene): void {
  const paths = [scene.source, ...scene.targets].flatMap(({ requests }) => requests.map(({ path }) => path))
  assert.notEqual(paths.length, 0)
  for (const path of paths) {
    assert.match(path, /^\/v2\/(?:team|prod)\/app\//)
    assert.doesNotMatch(path, /\.\.|%|md5|sha256[:-](?![a-f0-9]{64}(?:$|[./]))/)
  }
}

describe('1. A manifest is an image or an index and never both (CVE-2021-41190)', () => {
  const both = { ...jsonOf(IMAGE.manifest.bytes), manifests: [INDEX.descriptor] }
  for (const [what, json, mediaType] of [
    ['an image with `manifests`', both, MEDIA_TYPES.ociManifest],
    ['an index with `layers`', { ...jsonOf(INDEX.manifest.bytes), layers: [] }, MEDIA_TYPES.ociIndex],
    [
      'an index with `config`',
      { ...jsonOf(INDEX.manifest.bytes), config: IMAGE.descriptor },
      MEDIA_TYPES.ociIndex,
    ],
    ['one that leaves its type to the header', { ...both, mediaType: undefined }, MEDIA_TYPES.ociManifest],
  ] as const) {
    test(`${what} is refused`, async () => {
      await using scene = await secureScene()
      await listBytes(scene, json, mediaType)
      refused(
        scene,
        await scene.run({ verify: 'none', 'public-key': '' }),
        4,
        /of an image and of an index at once/,
      )
    })
  }

  for (const [what, artifact, header] of [
    ['an image announced as an index', IMAGE, MEDIA_TYPES.ociIndex],
    ['an index announced as an image', INDEX, MEDIA_TYPES.dockerManifest],
  ] as const) {
    test(`${what} is refused: mediaType against Content-Type`, async () => {
      await using scene = await secureScene({ manifestContentType: header })
      await listBytes(scene, jsonOf(artifact.manifest.bytes), artifact.descriptor.mediaType)
      refused(
        scene,
        await scene.run({ verify: 'none', 'public-key': '' }),
        4,
        /says it is .*, but was announced as/,
      )
    })
  }

  test('a child of another size than its index says is refused', async () => {
    await using scene = await secureScene()
    const entry = { ...IMAGE.descriptor, size: IMAGE.descriptor.size + 1 }
    await listBytes(scene, { ...jsonOf(INDEX.manifest.bytes), manifests: [entry] }, MEDIA_TYPES.ociIndex)
    refused(scene, await scene.run({ verify: 'none', 'public-key': '' }), 8, /bytes, but .* lists it with/)
  })

  test('what is both under a tag for signatures is refused too', async () => {
    await using scene = await secureScene()
    const digest = source(scene).putManifest(Buffer.from(JSON.stringify(both)), MEDIA_TYPES.ociManifest)
    source(scene).tags.set(attachedTag(scene.sample.image.digest, 'sig'), digest)
    refused(scene, await scene.run(), 4, /of an image and of an index at once/)
  })
})

describe('2. A digest is checked wherever one comes in (CVE-2024-3727)', () => {
  test('in a lock: each is refused on its line, and nothing is asked of any registry', async () => {
    await using scene = await secureScene()
    await scene.list(...TRAVERSALS.map((digest) => ({ image: JSON.stringify(scene.reference(digest)) })))
    const run = await scene.run()
    refused(scene, run, 3, /is not a digest/)
    assert.deepEqual(
      run.result.errors.map(({ location }) => location?.line),
      TRAVERSALS.map((_, index) => index + 4),
    )
    assert.deepEqual([...scene.source.requests, ...scene.target.requests], [])
  })

  for (const digest of TRAVERSALS) {
    test(`in a descriptor, as a child, a config, a layer and a subject: ${digest.slice(0, 18)}… (${digest.length})`, async () => {
      const bad = { ...IMAGE.descriptor, digest }
      const image = jsonOf(IMAGE.manifest.bytes)
      for (const [json, mediaType] of [
        [{ ...jsonOf(INDEX.manifest.bytes), manifests: [bad] }, MEDIA_TYPES.ociIndex],
        [{ ...image, config: bad }, MEDIA_TYPES.ociManifest],
        [{ ...image, layers: [bad] }, MEDIA_TYPES.ociManifest],
        [{ ...image, subject: bad }, MEDIA_TYPES.ociManifest],
      ] as const) {
        await using scene = await secureScene()
        await listBytes(scene, json, mediaType)
        refused(scene, await scene.run({ verify: 'none', 'public-key': '' }), 4, /has the malformed digest/)
        askedForNothingStrange(scene)
      }
    })
  }

  test('in the header of a tag: it is not believed, the bytes are read instead', async () => {
    for (const digest of TRAVERSALS) {
      await using scene = await secureScene()
      scene.source.fault(
        ({ method, path }) => method === 'HEAD' && path.endsWith('/v1'),
        ALWAYS,
        (_, proceed) => {
          const answer = proceed()
          return { ...answer, headers: { ...answer.headers, 'docker-content-digest': digest } }
        },
      )
      const { exitCode } = await scene.run({ lock: '', images: `${scene.source.host}/${SOURCE_PATH}:v1` })
      assert.equal(exitCode, 0)
      assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
      askedForNothingStrange(scene)
    }
  })

  test('in a list of referrers, of the API and of the fallback tag', async () => {
    for (const referrersApi of [true, false]) {
      for (const digest of TRAVERSALS) {
        await using scene = await secureScene({ referrersApi })
        const entry = { ...IMAGE.descriptor, digest }
        const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [entry] }
        const bytes = Buffer.from(JSON.stringify(index))
        if (referrersApi) {
          const headers = { 'content-type': MEDIA_TYPES.ociIndex }
          scene.source.fault(({ path }) => path.includes('/referrers/'), ALWAYS, {
            status: 200,
            headers,
            body: bytes.toString(),
          })
        } else {
          const list = source(scene).putManifest(bytes, MEDIA_TYPES.ociIndex)
          source(scene).tags.set(fallbackTag(scene.sample.image.digest), list)
        }
        refused(scene, await scene.run(), 4, /has the malformed digest/)
        askedForNothingStrange(scene)
      }
    }
  })

  test('in the answer to an upload: neither its digest nor its Location says what was stored', async () => {
    await using scene = await secureScene()
    const moved = { location: '/v2/evil/app/blobs/sha256:../../x' }
    scene.target.fault(
      ({ method }) => method === 'PUT',
      ALWAYS,
      (_, proceed) => {
        const answer = proceed()
        return { ...answer, headers: { ...answer.headers, ...moved } }
      },
    )
    assert.equal((await scene.run()).exitCode, 0)
    askedForNothingStrange(scene)
    scene.target.clearFaults()
    scene.target.fault(
      ({ method }) => method === 'PUT',
      ALWAYS,
      (_, proceed) => {
        const answer = proceed()
        return { ...answer, headers: { ...answer.headers, 'docker-content-digest': digestOf('other') } }
      },
    )
    const other = buildImage({ seed: 'another' })
    other.putInto(scene.source.store, SOURCE_PATH)
    await scene.list({ image: scene.reference(other.digest) })
    const { exitCode, result } = await scene.run({ tags: 'v2', verify: 'none', 'public-key': '' })
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /PUT .* answered 201 .*digest/)
    assert.equal(scene.tagAt(scene.target, 'v2'), undefined)
  })
})

describe('3. URLs in a layer are never asked, with credentials or without (CVE-2020-15157)', () => {
  for (const [what, mediaType, copied] of [
    [
      'of a foreign layer, which is left where it is',
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      false,
    ],
    [
      'of an ordinary layer, whose bytes come from the registry',
      'application/vnd.oci.image.layer.v1.tar+gzip',
      true,
    ],
  ] as const) {
    test(what, async () => {
      await using scene = await secureScene({ auth: guarded('basic') }, [{ auth: guarded('basic') }])
      const { source: registry, target } = scene
      const layer = buildBlob(mediaType, 'bytes of the layer')
      const config = buildBlob(MEDIA_TYPES.ociConfig, '{}')
      if (copied) source(scene).putBlob(layer.bytes)
      source(scene).putBlob(config.bytes)
      const urls = [`http://${registry.hostElsewhere}/layer`, `http://${registry.host}/layer`]
      const manifest = makeImageManifest({
        config: config.descriptor,
        layers: [{ ...layer.descriptor, urls }],
      })
      const digest = source(scene).putManifest(manifest.bytes, MEDIA_TYPES.ociManifest)
      await scene.list({ image: scene.reference(digest) })
      const registries = logins(registry.host, target.host)
      const { exitCode, result } = await scene.run({ registries, verify: 'none', 'public-key': '' })
      assert.deepEqual([exitCode, result.errors], [0, []])
      assert.equal(target.store.repository('prod/app').blobs.has(layer.descriptor.digest), copied)
      assert.deepEqual(requestsElsewhere(registry), [])
      assert.ok(registry.requests.every(({ path }) => path !== '/layer'))
    })
  }
})
