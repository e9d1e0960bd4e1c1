import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, describe, test } from 'node:test'
import { isJsonObject, type JsonObject } from '../../src/oci/descriptor.ts'
import { parseTrustedRoot } from '../../src/sigstore/parse-trusted-root.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { startPrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'

const sigstore = await startPrivateSigstore()
after(() => sigstore.close())

type Lists = Readonly<
  Record<'tlogs' | 'ctlogs' | 'certificateAuthorities' | 'timestampAuthorities', readonly JsonObject[]>
>
type Root = Lists & JsonObject

const good: Root = JSON.parse(sigstore.trustedRoot)
const EMPTY = { tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] }
const VERSION_0_1 = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1'

describe('a trusted root is read', () => {
  test('with all its logs and authorities', () => {
    const root = parseTrustedRoot(sigstore.trustedRoot, 'root.json')
    assert.deepEqual(
      [root.tlogs, root.ctlogs, root.certificateAuthorities, root.timestampAuthorities].map(
        ({ length }) => length,
      ),
      [2, 1, 1, 1],
    )
  })

  for (const mediaType of [
    VERSION_0_1,
    'application/vnd.dev.sigstore.trustedroot.v0.1+json',
    'application/vnd.dev.sigstore.trustedroot.v0.2+json',
  ]) {
    test(`of the type ${mediaType}`, () => {
      assert.equal(parseTrustedRoot(JSON.stringify({ ...good, mediaType }), 'root.json').tlogs.length, 2)
    })
  }

  test('of the public instance, as it is shipped', async () => {
    const seeds = JSON.parse(
      await readFile(
        new URL(import.meta.resolve('@sigstore/tuf/package.json')).pathname.replace(
          'package.json',
          'seeds.json',
        ),
        'utf8',
      ),
    )
    const text = Buffer.from(
      seeds['https://tuf-repo-cdn.sigstore.dev'].targets['trusted_root.json'],
      'base64',
    ).toString()
    assert.ok(parseTrustedRoot(text, 'trusted_root.json').certificateAuthorities.length > 0)
  })
})

describe('a trusted root cannot be used', () => {
  const change = (list: keyof Lists, fields: JsonObject) => ({
    ...good,
    [list]: good[list].map((item) => ({ ...item, ...fields })),
  })
  const key = (fields: JsonObject) => {
    const [first = {}] = good.tlogs
    return change('tlogs', {
      publicKey: { ...(isJsonObject(first.publicKey) && first.publicKey), ...fields },
    })
  }
  const cases: readonly [string, unknown, RegExp][] = [
    ['that is not an object', [], /: it is not a JSON object$/],
    [
      'of another type',
      { ...good, mediaType: 'application/json' },
      /: its mediaType is "application\/json"$/,
    ],
    ['of no type', { ...good, mediaType: undefined }, /: its mediaType is nothing$/],
    ['that names nobody', { mediaType: VERSION_0_1, ...EMPTY }, /: it names neither a log nor an authority$/],
    ['with a log without a key', change('tlogs', { publicKey: undefined }), /: tlogs\[0\] has no publicKey$/],
    ['with a log without an id', change('ctlogs', { logId: undefined }), /: ctlogs\[0\] has no logId$/],
    [
      'with a log whose key is no key',
      key({ rawBytes: 'AAAA' }),
      /: tlogs\[0\] has a publicKey that cannot be read$/,
    ],
    [
      'with an authority without certificates',
      change('certificateAuthorities', { certChain: { certificates: [] } }),
      /: certificateAuthorities\[0\] has no certificates in its certChain$/,
    ],
    [
      'with an authority whose certificate is none',
      change('timestampAuthorities', { certChain: { certificates: [{ rawBytes: 'AAAA' }] } }),
      /: timestampAuthorities\[0\] has a certificate that cannot be read$/,
    ],
    ['with a list that is none', { ...good, tlogs: [null] }, /cannot be used: /],
  ]
  for (const [name, json, message] of cases) {
    test(name, async () => {
      const [problem] = await problemsOf(() => parseTrustedRoot(JSON.stringify(json), 'root.json'))
      assert.equal(problem?.kind, 'input')
      assert.match(problem.message, /^The trusted root root\.json cannot be used: /)
      assert.match(problem.message, message)
      assert.ok(problem.hint)
    })
  }

  test('that is not JSON', async () => {
    const [problem] = await problemsOf(() => parseTrustedRoot('{', 'root.json'))
    assert.equal(problem?.kind, 'input')
  })
})
