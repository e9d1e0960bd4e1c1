import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { parseSigningConfig } from '../../src/sigstore/parse-signing-config.ts'
import { startSigstoreScene } from '../builders/sigstore-scene.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'

interface ServiceJson {
  readonly majorApiVersion?: number
  readonly start?: string
  readonly end?: string
  readonly operator?: string
}

function service(name: string, wanted: ServiceJson = {}): unknown {
  const { majorApiVersion = 1, start = '2026-01-01T00:00:00Z', end, operator = 'example.com' } = wanted
  return {
    url: `https://${name}.example/`,
    majorApiVersion,
    validFor: { start, ...(end && { end }) },
    operator,
  }
}

function config(fields: Readonly<Record<string, unknown>>): string {
  const any = { selector: 'ANY' }
  return JSON.stringify({ mediaType: MEDIA_TYPE, rekorTlogConfig: any, tsaConfig: any, ...fields })
}

function parse(fields: Readonly<Record<string, unknown>>, now = NOW) {
  const { fulcio, rekor, timestamp } = parseSigningConfig(config(fields), 'signing.json', now)
  const names = (urls: readonly URL[]) => urls.map(({ hostname }) => hostname.replace('.example', ''))
  return { fulcio: fulcio?.hostname, v1: names(rekor.v1), v2: names(rekor.v2), timestamp: names(timestamp) }
}

test('names the services of a private Sigstore as it names them itself', async (context) => {
  const { sigstore } = await startSigstoreScene(context)
  const text = sigstore.signingConfig({ rekor: 2, timestamp: true })
  const { fulcio, rekor, timestamp } = parseSigningConfig(text, 'signing.json', new Date())
  assert.equal(fulcio?.href, sigstore.fulcioUrl)
  assert.deepEqual([rekor.v1, rekor.v2.map(String)], [[], [sigstore.rekorV2Url]])
  assert.deepEqual(timestamp.map(String), [sigstore.timestampUrl])
})

test('of several that are valid the one that started last is taken', () => {
  const found = parse({
    caUrls: [service('old'), service('new', { start: '2026-05-01T00:00:00Z' })],
    rekorTlogUrls: [service('first'), service('second')],
  })
  assert.equal(found.fulcio, 'new.example')
  assert.deepEqual(found.v1, ['first'])
})

test('services are valid from their start to their end, both included', () => {
  const times = { start: NOW.toISOString(), end: NOW.toISOString() }
  assert.equal(parse({ caUrls: [service('now', times)] }).fulcio, 'now.example')
  for (const late of [NOW.getTime() - 1, NOW.getTime() + 1]) {
    assert.throws(() => parse({ caUrls: [service('now', times)] }, new Date(late)), /too few services/)
  }
})

test('logs are told apart by the version of their API; what is newer than we know is left out', () => {
  const logs = [1, 2, 3].map((version) => service(`v${version}`, { majorApiVersion: version }))
  const found = parse({ rekorTlogUrls: logs })
  assert.deepEqual([found.v1, found.v2], [['v1'], ['v2']])
})

for (const [selector, count, expected] of [
  ['ANY', 0, ['a']],
  ['ALL', 0, ['a', 'c']],
  ['EXACT', 1, ['a']],
  ['EXACT', 2, ['a', 'c']],
] as const) {
  test(`${selector} ${count || ''} takes ${expected.length} of them, never two of one operator`, () => {
    const tsaUrls = ['a', 'b', 'c'].map((name) => service(name, { operator: name === 'c' ? 'c' : 'ab' }))
    assert.deepEqual(parse({ tsaUrls, tsaConfig: { selector, count } }).timestamp, expected)
  })
}

test('more than there are is an error', () => {
  const fields = { tsaUrls: [service('a')], tsaConfig: { selector: 'EXACT', count: 2 } }
  assert.throws(() => parse(fields), /too few services of the kind "timestamp authority"/)
})

test('a log that is not enough is no error where there is one of another version', () => {
  const rekorTlogUrls = [
    service('v1'),
    ...['a', 'b'].map((operator) => service(operator, { majorApiVersion: 2, operator })),
  ]
  const found = parse({ rekorTlogUrls, rekorTlogConfig: { selector: 'EXACT', count: 2 } })
  assert.deepEqual([found.v1, found.v2], [[], ['a', 'b']])
})

test('nothing that is not named is used', () => {
  assert.deepEqual(parse({}), { fulcio: undefined, v1: [], v2: [], timestamp: [] })
})

for (const [what, text, why] of [
  ['is not JSON', '{', /JSON/],
  ['is a list', '[]', /not a JSON object/],
  [
    'is of another version',
    JSON.stringify({ mediaType: MEDIA_TYPE.replace('0.2', '0.1') }),
    /mediaType is .*v0\.1/,
  ],
  [
    'is a trusted root',
    JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json' }),
    /trustedroot/,
  ],
  [
    'has a service without a URL',
    config({ caUrls: [{ ...Object(service('a')), url: 'nowhere' }] }),
    /"nowhere" is not/,
  ],
  [
    'has no selector',
    config({ tsaUrls: [service('a')], tsaConfig: {} }),
    /how to select a timestamp authority/,
  ],
  ['has an unknown selector', config({ tsaUrls: [service('a')], tsaConfig: { selector: 'SOME' } }), /SOME/],
] as const) {
  test(`a signing config that ${what} is refused by its name`, () => {
    assert.throws(
      () => parseSigningConfig(text, 'signing.json', NOW),
      (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'input')
        assert.match(error.message, /signing\.json/)
        assert.match(error.message, why)
        return true
      },
    )
  })
}
