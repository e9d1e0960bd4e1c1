import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { PromotionError } from '../../src/errors.ts'
import { isJsonObject, parseDescriptor } from '../../src/oci/descriptor.ts'
import { digestOf, isDigest } from '../../src/oci/digest.ts'
import { blobsOf, type Manifest, parseManifest } from '../../src/oci/manifest.ts'
import { isIndexType, isManifestType, MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { mergeLayers } from '../../src/oci/signature-manifest.ts'
import { buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { checkProperty } from './check-property.ts'

const RUNS = 1500
const LONGEST_MESSAGE = 1000
const WHERE = 'registry.example/app, manifest v1'
const KEYS = buildKeys()
const IMAGE = buildImage({ seed: 'properties', annotations: { note: 'a' } })
const SIGNATURES = buildSignatures(IMAGE.descriptor, [{ keys: KEYS }])
const SEEDS: readonly string[] = [IMAGE, buildIndex([IMAGE]), SIGNATURES].map(({ manifest }) =>
  Buffer.from(manifest.bytes).toString(),
)

/** What may stand in the place of any value. */
const replacement = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    null,
    '',
    0,
    -1,
    1.5,
    2 ** 53,
    1e300,
    [],
    {},
    [null],
    'x'.repeat(9999),
    digestOf('x'),
    `sha256:${'../'.repeat(21)}x`,
  ),
  fc.constantFrom(...Object.values(MEDIA_TYPES)),
  fc.constantFrom(...SEEDS.map((seed) => JSON.parse(seed) as unknown)),
)
const key = fc.oneof(
  fc.constantFrom(
    'manifests',
    'layers',
    'config',
    'subject',
    'mediaType',
    'annotations',
    'artifactType',
    'schemaVersion',
    '__proto__',
    'toString',
  ),
  fc.string({ maxLength: 4 }),
  fc.constant('k'.repeat(9999)),
)
const edit = fc.record({
  at: fc.nat(),
  key,
  value: replacement,
  kind: fc.constantFrom('set', 'add', 'remove'),
})
const mutated = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([seed, edits]) => {
    const json: unknown = JSON.parse(seed)
    for (const one of edits) mutate(json, one)
    return JSON.stringify(json)
  })
const bytes = fc.oneof(
  mutated.map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '{"annotations":'), fc.nat(9999))
    .map(([open, times]) => Buffer.from(open.repeat(times))),
)
const mediaType = fc.oneof(fc.constantFrom(...Object.values(MEDIA_TYPES), '', 'text/plain'), fc.string())

type Holder = Record<string, unknown>

/** Every object and list of a document, the document first. */
function holdersIn(json: unknown): readonly Holder[] {
  if (typeof json !== 'object' || json === null) return []
  return [json as Holder, ...Object.values(json).flatMap(holdersIn)]
}

function mutate(
  json: unknown,
  { at, key: name, value, kind }: { at: number; key: string; value: unknown; kind: string },
): void {
  const holders = holdersIn(json)
  const holder = holders[at % holders.length]
  if (holder === undefined) return
  const names = Object.keys(holder)
  const existing = names[at % Math.max(names.length, 1)] ?? name
  if (kind === 'remove') delete holder[existing]
  else
    Object.defineProperty(holder, kind === 'add' ? name : existing, {
      value: structuredClone(value),
      enumerable: true,
      configurable: true,
      writable: true,
    })
}

/** What `read` gives; undefined after a refusal in the name of the registry, with a hint, and not too long for a log. */
function readOrRefuse<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof PromotionError, String(error))
    assert.equal(error.kind, 'registry')
    assert.ok(error.hint)
    assert.ok(error.message.length <= LONGEST_MESSAGE, `${error.message.length} characters`)
    return undefined
  }
}

function isSound(manifest: Manifest, content: Uint8Array): void {
  const { descriptor } = manifest
  assert.deepEqual(descriptor, {
    mediaType: descriptor.mediaType,
    digest: digestOf(content),
    size: content.byteLength,
  })
  assert.ok(isManifestType(descriptor.mediaType))
  assert.equal(manifest.kind === 'index', isIndexType(descriptor.mediaType))
  assert.deepEqual(Buffer.from(manifest.bytes), Buffer.from(content))
  const json: unknown = JSON.parse(Buffer.from(content).toString())
  assert.ok(isJsonObject(json))
  assert.ok(!('manifests' in json && ('layers' in json || 'config' in json)))
  const inside = manifest.kind === 'index' ? manifest.children : blobsOf(manifest)
  for (const { digest, size } of [...inside, ...(manifest.subject ? [manifest.subject] : [])]) {
    assert.ok(isDigest(digest))
    assert.ok(Number.isSafeInteger(size) && size >= 0)
  }
  for (const one of [manifest, ...inside]) {
    for (const text of Object.values(one.annotations ?? {})) assert.equal(typeof text, 'string')
  }
}

describe('1. Manifests, by their properties', () => {
  test('any bytes are a sound manifest, or refused', (context) =>
    checkProperty(context, RUNS, fc.tuple(bytes, mediaType), ([content, said]) => {
      const manifest = readOrRefuse(() => parseManifest(content, said, WHERE))
      if (manifest !== undefined) isSound(manifest, content)
    }))

  test('a good part of the mutations is read: not everything is refused', () => {
    const texts = fc.sample(mutated, { numRuns: 200, seed: 1 })
    const read = texts.filter((text) => readOrRefuse(() => parseManifest(Buffer.from(text), '', WHERE)))
    assert.ok(read.length > 20 && read.length < 180, `${read.length} of 200`)
  })

  test('any JSON is a sound descriptor, or refused', (context) =>
    checkProperty(
      context,
      RUNS,
      fc.oneof(
        replacement,
        mutated.map((text): unknown => JSON.parse(text)),
      ),
      (json) => {
        for (const one of [json, ...holdersIn(json)]) {
          const descriptor = readOrRefuse(() => parseDescriptor(one, WHERE))
          if (descriptor === undefined) continue
          assert.ok(
            isDigest(descriptor.digest) && Number.isSafeInteger(descriptor.size) && descriptor.size >= 0,
          )
          assert.ok((descriptor.urls ?? []).every((url) => typeof url === 'string'))
        }
      },
    ))
})

describe('11. Signatures that are merged, by their properties', () => {
  test('whatever stands under the tag keeps all its layers and gets the wanted one once, or is refused', (context) =>
    checkProperty(
      context,
      500,
      fc.tuple(mutated, fc.oneof(replacement, fc.constant(JSON.parse('{"rootfs":{"diff_ids":[]}}')))),
      async ([text, config]) => {
        const standing = readOrRefuse(() => parseManifest(Buffer.from(text), MEDIA_TYPES.ociManifest, WHERE))
        if (standing === undefined || SIGNATURES.manifest.kind !== 'image') return
        const readConfig = async () => Buffer.from(JSON.stringify(config))
        const wanted = SIGNATURES.manifest
        const merged = await mergeLayers(standing, wanted, readConfig).catch((error: unknown) => {
          assert.ok(
            error instanceof PromotionError && ['conflict', 'registry'].includes(error.kind),
            String(error),
          )
          return undefined
        })
        if (merged === undefined || standing.kind !== 'image') return
        assert.deepEqual(merged.manifest.layers.slice(0, standing.layers.length), standing.layers)
        const added = merged.manifest.layers.slice(standing.layers.length)
        assert.deepEqual(added, wanted.layers)
        assert.equal(await mergeLayers(merged.manifest, wanted, async () => merged.config), undefined)
      },
    ))
})
