import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPlatform, isJsonObject, parseAnnotations, parseDescriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'

const BARE = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('x'), size: 1 }

const DEPTH = 300_000
/** More than JSON.stringify can write. */
const DEEP: unknown = JSON.parse(`${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`)

test('keeps all that the specification gives a descriptor, and leaves out the rest', () => {
  const full = {
    ...BARE,
    artifactType: 'application/vnd.example',
    annotations: { b: '2', a: '1' },
    urls: ['https://example.org/layer'],
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  }
  const platform = { ...full.platform, 'os.version': '10' }
  assert.deepEqual(parseDescriptor({ ...full, platform, data: 'eA==' }, 'it'), full)
})

test('adds nothing to a bare descriptor, nor to one with empty or null properties', () => {
  assert.deepEqual(parseDescriptor(BARE, 'it'), BARE)
  assert.deepEqual(
    parseDescriptor({ ...BARE, artifactType: '', annotations: null, platform: null }, 'it'),
    BARE,
  )
})

test('takes a size of nothing and the largest that is exact', () => {
  assert.equal(parseDescriptor({ ...BARE, size: 0 }, 'it').size, 0)
  assert.equal(
    parseDescriptor({ ...BARE, size: Number.MAX_SAFE_INTEGER }, 'it').size,
    Number.MAX_SAFE_INTEGER,
  )
})

const MALFORMED: Readonly<Record<string, readonly [value: unknown, message: RegExp]>> = {
  null: [null, /^it is not an object$/],
  'a list': [[BARE], /^it is not an object$/],
  'a text': ['sha256:abc', /^it is not an object$/],
  'no media type': [{ ...BARE, mediaType: undefined }, /has no mediaType/],
  'an empty media type': [{ ...BARE, mediaType: '' }, /has no mediaType/],
  'no digest': [{ ...BARE, digest: undefined }, /malformed digest/],
  'a malformed digest': [{ ...BARE, digest: 'sha256:../../x' }, /malformed digest "sha256:\.\.\/\.\.\/x"/],
  'a digest that is a list': [{ ...BARE, digest: [BARE.digest] }, /malformed digest/],
  'a digest that is nested deeply': [{ ...BARE, digest: DEEP }, /malformed digest a list$/],
  'a size that is nested deeply': [{ ...BARE, size: DEEP }, /malformed size a list$/],
  'no size': [{ ...BARE, size: undefined }, /malformed size/],
  'a negative size': [{ ...BARE, size: -1 }, /malformed size -1/],
  'half a byte': [{ ...BARE, size: 0.5 }, /malformed size/],
  'a size as text': [{ ...BARE, size: '1' }, /malformed size "1"/],
  'a size that cannot be exact': [{ ...BARE, size: 2 ** 53 }, /malformed size/],
  'an annotation that is a number': [
    { ...BARE, annotations: { a: 1 } },
    /the annotation "a", which is not text/,
  ],
}

for (const [what, [value, message]] of Object.entries(MALFORMED)) {
  test(`refuses a descriptor with ${what}`, () => {
    assert.throws(() => parseDescriptor(value, 'it'), { name: 'PromotionError', kind: 'registry', message })
  })
}

test('an annotation named like a property of all objects stays an annotation', () => {
  const annotations = parseAnnotations(JSON.parse('{"__proto__":"p","constructor":"c"}'), 'it')
  assert.deepEqual(Object.entries(annotations), [
    ['__proto__', 'p'],
    ['constructor', 'c'],
  ])
  const parsed = parseDescriptor(
    JSON.parse(`{"annotations":{"__proto__":"p"},${JSON.stringify(BARE).slice(1)}`),
    'it',
  )
  assert.equal(JSON.stringify(parsed.annotations), '{"__proto__":"p"}')
})

test('a platform with missing parts is unknown in these parts', () => {
  assert.deepEqual(parseDescriptor({ ...BARE, platform: {} }, 'it').platform, {
    os: 'unknown',
    architecture: 'unknown',
  })
  assert.equal(formatPlatform({ os: 'linux', architecture: 'arm', variant: 'v7' }), 'linux/arm/v7')
  assert.equal(formatPlatform({ os: 'linux', architecture: 'amd64' }), 'linux/amd64')
})

test('a list and null are no JSON objects', () => {
  assert.deepEqual([{}, [], null, 'x', undefined].map(isJsonObject), [true, false, false, false, false])
})
