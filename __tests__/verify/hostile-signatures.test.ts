import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Annotations } from '../../src/oci/descriptor.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { signedBy } from '../../src/policy/make-demand.ts'
import type { Demand } from '../../src/policy/policy.ts'
import { expression } from '../../src/policy/text-match.ts'
import { signatures } from '../builders/changed-signature.ts'
import { bundleOf, layerOf, referrerOf, statementOf } from '../builders/evidenced-signature.ts'
import { putBlob } from '../builders/memory-image.ts'
import type { Attached } from '../builders/verification-scene.ts'
import { checkProperty } from '../security/check-property.ts'
import { scene } from './refused-case.ts'

const HERE = 'the place'
const LEVELS = 20_000

const { sigstore, image } = scene
const maker = await scene.keyless()
const statement = statementOf(image.digest)
const bundle = await bundleOf(maker, statement, { sigstore, rekor: 1, timestamp: true })
const layer = await layerOf(image, maker, { sigstore, rekor: 1, timestamp: true })

/** Asks for every kind of evidence, so that everything is read. */
const everything: Demand = signedBy(
  scene.workflow({
    timestamp: 'required',
    identity: expression('.*', 'identity'),
    issuer: expression('.*', 'issuer'),
  }),
)

/** Judges what is attached, which must end in a verdict, whatever it is. */
async function judged(attached: Attached): Promise<boolean> {
  const { satisfied, signatures: found, lacking } = await scene.verify(everything, attached)
  assert.ok(found.every(({ counts, reason }) => reason !== '' && counts === satisfied))
  assert.equal(lacking.length === 0, satisfied)
  return satisfied
}

/** What a reader of JSON does not expect in its place. */
const oddities = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1e308,
    2 ** 53,
    '',
    '%',
    'AAAA',
    '__proto__',
    [],
    {},
    [null],
    [[]],
  ),
  fc.constantFrom(JSON.parse('{"__proto__":{"x":1},"constructor":1,"toString":1}')),
  fc.jsonValue(),
)

/** All places in a value, each as the keys that lead to it. */
function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))]
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, by) : item))
  if (typeof value !== 'object' || value === null) return by
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? replaced(inner, rest, by) : inner]),
  )
}

/** Base64 in which one bit of what it stands for is turned over, or its end is cut off. */
function damaged(base64: string, { at, bit, cut }: Damage): string {
  const bytes = Buffer.from(base64, 'base64')
  const place = at % bytes.length
  if (cut) return bytes.subarray(0, place).toString('base64')
  bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << bit), place)
  return bytes.toString('base64')
}

interface Damage {
  readonly at: number
  readonly bit: number
  readonly cut: boolean
}

const damages = fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }), cut: fc.boolean() })

describe('a hostile signature ends in a verdict', () => {
  test('with odd values anywhere in a Sigstore bundle', async (context) => {
    const places = placesIn(bundle)
    await checkProperty(context, 80, fc.tuple(fc.constantFrom(...places), oddities), async ([place, odd]) => {
      await judged([['referrer', await referrerOf(image, replaced(bundle, place, odd))]])
    })
  })

  test('with odd values anywhere in a statement', async (context) => {
    const places = placesIn(statement)
    await checkProperty(context, 80, fc.tuple(fc.constantFrom(...places), oddities), async ([place, odd]) => {
      const json = await bundleOf(maker, replaced(statement, place, odd), {
        sigstore,
        rekor: 1,
        timestamp: true,
      })
      await judged([['referrer', await referrerOf(image, json)]])
    })
  })

  test('with anything in the annotations of a layer', async (context) => {
    const names = Object.keys(layer.annotations)
    const records = oddities.map((odd) =>
      JSON.stringify({ SignedEntryTimestamp: odd, Payload: { body: odd, logID: odd } }),
    )
    const texts = fc.oneof(
      fc.string(),
      oddities.map((odd) => JSON.stringify(odd)),
      records,
    )
    await checkProperty(context, 80, fc.tuple(fc.constantFrom(...names), texts), async ([name, text]) => {
      const annotations: Annotations = { ...layer.annotations, [name]: text }
      await judged([['sig', await signatures({ ...layer, annotations })]])
    })
  })

  test('with any bytes in place of a bundle', async (context) => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    )
    await checkProperty(context, 100, bytes, async (content) => {
      assert.ok(!(await judged([['referrer', await holding(content)]])))
    })
  })

  test('with a value nested too deeply for any recursion, wherever it stands', async () => {
    const deep = `${'['.repeat(LEVELS)}${']'.repeat(LEVELS)}`
    for (const place of placesIn(bundle)) {
      const text = JSON.stringify(replaced(bundle, place, HERE)).replace(`"${HERE}"`, deep)
      await judged([['referrer', await holding(text)]])
    }
  })
})

/** The manifest of a referrer that should hold a bundle, and holds this. */
async function holding(content: string | Uint8Array): Promise<Manifest> {
  const manifest = await referrerOf(image, {})
  const layers = [await putBlob(image.repository, content, MEDIA_TYPES.sigstoreBundle)]
  return { ...manifest, layers }
}

describe('a signature with a bit turned over, or cut short', () => {
  const { verificationMaterial, dsseEnvelope } = bundle
  const { tlogEntries, timestampVerificationData } = verificationMaterial

  test('in its certificate, its log entry or its timestamp ends in a verdict', async (context) => {
    const places = placesIn({ verificationMaterial }).filter((place) =>
      [
        'rawBytes',
        'canonicalizedBody',
        'signedTimestamp',
        'signedEntryTimestamp',
        'keyId',
        'rootHash',
      ].includes(place.at(-1) ?? ''),
    )
    assert.ok(places.length > 4)
    const change = fc.tuple(fc.constantFrom(...places), damages)
    await checkProperty(context, 80, change, async ([place, damage]) => {
      const at = place.reduce<unknown>((value, key) => Reflect.get(Object(value), key), bundle)
      const json = replaced(bundle, place, damaged(String(at), damage))
      await judged([['referrer', await referrerOf(image, json)]])
    })
  })

  test('in its payload or its signature does not count', async (context) => {
    assert.ok(tlogEntries.length + timestampVerificationData.rfc3161Timestamps.length === 2)
    const { payload, signatures: signed } = dsseEnvelope
    const change = fc.tuple(fc.boolean(), damages)
    await checkProperty(context, 100, change, async ([inPayload, damage]) => {
      const changed = inPayload
        ? { ...dsseEnvelope, payload: damaged(payload, damage) }
        : { ...dsseEnvelope, signatures: signed.map(({ sig }) => ({ sig: damaged(sig, damage) })) }
      const manifest = await referrerOf(image, { ...bundle, dsseEnvelope: changed })
      assert.ok(!(await judged([['referrer', manifest]])))
    })
  })

  test('but whole it counts', async () => {
    assert.ok(await judged([['referrer', await referrerOf(image, bundle)]]))
    assert.ok(await judged([['sig', await signatures(layer)]]))
  })
})
