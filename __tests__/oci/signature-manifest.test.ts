import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { Annotations, Descriptor, JsonObject } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { type Manifest, makeImageManifest, makeIndexManifest, parseManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { mergeLayers, type SignatureManifest, type WantedLayers } from '../../src/oci/signature-manifest.ts'

const NO_TIME = { created: '0001-01-01T00:00:00Z' }

function layer(payload: string, annotations: Annotations): Descriptor {
  return {
    mediaType: MEDIA_TYPES.simpleSigning,
    digest: digestOf(payload),
    size: Buffer.byteLength(payload),
    annotations,
  }
}

const alice = layer('payload', { signature: 'by alice', bundle: 'entry' })
const bob = layer('payload', { signature: 'by bob' })
const carol = layer('another payload', { signature: 'by carol' })

/** A manifest with its config, as one stands under a tag; nothing at all when there is none. */
interface Standing {
  readonly manifest?: Manifest
  readonly config?: Uint8Array | string
}

function merge({ manifest, config = '' }: Standing, wanted: WantedLayers) {
  return mergeLayers(manifest, wanted, async ({ digest }) => {
    assert.equal(digest, digestOf(config))
    return Buffer.from(config)
  })
}

async function merged(standing: Standing, wanted: WantedLayers): Promise<SignatureManifest> {
  const result = await merge(standing, wanted)
  assert.ok(result)
  return result
}

/** What another program left: a manifest and a config of this JSON, the manifest's own descriptor of the config amended. */
function leftBy(program: {
  manifest?: JsonObject
  config: JsonObject | string
  descriptor?: JsonObject
}): Standing {
  const config = typeof program.config === 'string' ? program.config : JSON.stringify(program.config)
  const json = {
    schemaVersion: 2,
    config: {
      mediaType: MEDIA_TYPES.ociConfig,
      digest: digestOf(config),
      size: Buffer.byteLength(config),
      ...program.descriptor,
    },
    layers: [alice],
    ...program.manifest,
  }
  const mediaType = MEDIA_TYPES.ociManifest
  return { manifest: parseManifest(Buffer.from(JSON.stringify(json)), mediaType, 'theirs'), config }
}

function jsonOf(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(Buffer.from(bytes).toString())
}

test('makes a manifest where none is', async () => {
  const { manifest, config } = await merged({}, { layers: [alice] })
  assert.deepEqual(manifest.layers, [alice])
  assert.equal(manifest.config.digest, digestOf(config))
  assert.equal(manifest.config.size, config.byteLength)
  assert.equal(manifest.config.mediaType, MEDIA_TYPES.ociConfig)
  assert.deepEqual(jsonOf(config), {
    architecture: '',
    ...NO_TIME,
    history: [NO_TIME],
    os: '',
    rootfs: { type: 'layers', diff_ids: [alice.digest] },
    config: {},
  })
})

test('keeps what stands there first, with its annotations, and adds what is missing', async () => {
  const current = await merged({}, { layers: [alice] })
  const { manifest, config } = await merged(current, { layers: [bob, alice, carol] })
  assert.deepEqual(manifest.layers, [alice, bob, carol])
  assert.equal(manifest.config.digest, digestOf(config))
  const { rootfs, history } = jsonOf(config)
  assert.deepEqual(rootfs, { type: 'layers', diff_ids: [alice.digest, bob.digest, carol.digest] })
  assert.deepEqual(history, [NO_TIME, NO_TIME, NO_TIME])
})

test('tells signatures over one payload apart by their annotations', async () => {
  const current = await merged({}, { layers: [bob] })
  assert.deepEqual((await merged(current, { layers: [alice] })).manifest.layers, [bob, alice])
})

for (const [what, other] of [
  ['media type', { ...alice, mediaType: 'application/octet-stream' }],
  ['size', { ...alice, size: alice.size + 1 }],
] as const) {
  test(`does not take a layer of another ${what} for the wanted one`, async () => {
    const current = await merged({}, { layers: [other] })
    assert.deepEqual((await merged(current, { layers: [alice] })).manifest.layers, [other, alice])
  })
}

test('has nothing to do where nothing is missing, whatever the order', async () => {
  const current = await merged({}, { layers: [alice, bob, carol] })
  const reordered = { ...alice, annotations: { bundle: 'entry', signature: 'by alice' } }
  assert.equal(await merge(current, { layers: [carol, reordered] }), undefined)
  assert.equal(await merge(current, { layers: [] }), undefined)
  assert.equal(await merge({}, { layers: [] }), undefined)
})

test('adds a layer once that is wanted twice', async () => {
  assert.deepEqual((await merged({}, { layers: [alice, alice] })).manifest.layers, [alice])
})

describe('keeps of the manifest that stands there', () => {
  const config = { rootfs: { type: 'layers', diff_ids: [alice.digest] } }

  test('annotations, subject and artifact type', async () => {
    const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('image'), size: 5 }
    const theirs = { artifactType: 'application/x', subject, annotations: { a: 'theirs', b: 'theirs' } }
    const { manifest } = await merged(leftBy({ manifest: theirs, config }), {
      layers: [bob],
      annotations: { b: 'ours', c: 'ours' },
    })
    assert.deepEqual(manifest.annotations, { a: 'theirs', b: 'theirs', c: 'ours' })
    assert.deepEqual(manifest.subject, subject)
    assert.equal(manifest.artifactType, 'application/x')
  })

  test('what is not known here, and no more than that', async () => {
    const theirLayer = { ...alice, data: 'e30=', 'x-layer': [1] }
    const manifest = { layers: [theirLayer], 'io.vendor': { keep: true } }
    const their = leftBy({ manifest, config, descriptor: { mediaType: 'application/x', 'x-config': 1 } })
    const result = await merged(their, { layers: [bob] })
    assert.deepEqual(jsonOf(result.manifest.bytes), {
      schemaVersion: 2,
      config: {
        mediaType: 'application/x',
        digest: digestOf(result.config),
        size: result.config.byteLength,
        'x-config': 1,
      },
      layers: [theirLayer, bob],
      'io.vendor': { keep: true },
    })
  })

  test('its config, but for the bytes of the old one in its descriptor', async () => {
    const theirs = { author: 'a vendor', rootfs: { type: 'layers', diff_ids: [alice.digest], 'x-root': 1 } }
    const descriptor = { data: 'e30=', urls: ['https://vendor.example/config'] }
    const result = await merged(leftBy({ config: theirs, descriptor }), { layers: [bob] })
    assert.deepEqual(jsonOf(result.config), {
      author: 'a vendor',
      rootfs: { type: 'layers', diff_ids: [alice.digest, bob.digest], 'x-root': 1 },
    })
    assert.deepEqual(Object.keys(jsonOf(result.manifest.bytes).config ?? {}), ['mediaType', 'digest', 'size'])
  })
})

test('adds the layers of a manifest as they were written, with what is not known here', async () => {
  const theirs = { ...bob, data: 'e30=', 'x-layer': 1 }
  const { manifest: wanted } = leftBy({ manifest: { layers: [alice, theirs] }, config: {} })
  assert.ok(wanted?.kind === 'image')
  const current = await merged({}, { layers: [alice] })
  assert.deepEqual(jsonOf((await merged(current, wanted)).manifest.bytes).layers, [alice, theirs])
})

describe('refuses to add to', () => {
  const image = makeImageManifest({
    config: { mediaType: MEDIA_TYPES.ociEmpty, digest: digestOf('{}'), size: 2 },
    layers: [alice],
  })
  for (const [what, standing, why] of [
    ['an index', { manifest: makeIndexManifest([]) }, /it is an index/],
    ['a manifest whose config is no image’s', { manifest: image, config: '{}' }, /no rootfs\.diff_ids/],
    [
      'a manifest whose diff_ids are no list',
      leftBy({ config: { rootfs: { diff_ids: 1 } } }),
      /no rootfs\.diff_ids/,
    ],
    ['a manifest whose config is not JSON', leftBy({ config: 'text' }), /config is not JSON/],
  ] as const) {
    test(what, async () => {
      await assert.rejects(merge(standing, { layers: [bob] }), (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'conflict')
        assert.match(error.message, why)
        return true
      })
    })
  }
})
