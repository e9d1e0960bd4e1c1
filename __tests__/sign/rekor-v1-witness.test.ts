import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { KeyCredential } from '../../src/sign/key-credential.ts'
import { makeBundle } from '../../src/sign/make-bundle.ts'
import type { LogService } from '../../src/sign/witness-plan.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { requestsTo, startSigstoreScene } from '../builders/sigstore-scene.ts'
import { startHttp } from '../registry/http-scene.ts'

const BODY = Buffer.from('{"kind":"hashedrekord","apiVersion":"0.0.1"}').toString('base64')
const PROOF = { checkpoint: 'log\n1\n', hashes: ['00'], logIndex: 0, rootHash: '00', treeSize: 1 }
const ENTRY = {
  body: BODY,
  integratedTime: 1_700_000_000,
  logID: '00',
  logIndex: 7,
  verification: { inclusionProof: PROOF, signedEntryTimestamp: 'AAAA' },
}

type Http = Parameters<typeof makeBundle>[2] & object

async function log(http: Http['http'], url: URL, keys = buildKeys(), kind: 'statement' | 'bytes' = 'bytes') {
  const logs: readonly LogService[] = [{ version: 1, url }]
  const credential = await new KeyCredential(keys.privateKey).credential()
  const signed = { kind, bytes: Buffer.from('{}') }
  const bundle = await makeBundle(signed, credential, { witnesses: { logs, timestamps: [] }, http })
  const [entry] = bundle.verificationMaterial.tlogEntries
  assert.ok(entry)
  return entry
}

for (const [kind, expected] of [
  ['statement', 'dsse'],
  ['bytes', 'hashedrekord'],
] as const) {
  test(`a signature over a ${kind} is entered as ${expected}, with proof and promise`, async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const entry = await log(http, new URL(sigstore.rekorUrl), buildKeys(), kind)
    assert.deepEqual(entry.kindVersion, { kind: expected, version: '0.0.1' })
    assert.ok(entry.inclusionPromise && entry.inclusionProof?.checkpoint)
    assert.ok(Math.abs(Number(entry.integratedTime) - Date.now() / 1000) < 60)
  })
}

test('an entry that is there already is as good as a new one', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  // RSA signs the same bytes the same way each time.
  const keys = buildKeys('rsa')
  const first = await log(http, new URL(sigstore.rekorUrl), keys)
  const second = await log(http, new URL(sigstore.rekorUrl), keys)
  assert.deepEqual(second.canonicalizedBody, first.canonicalizedBody)
  assert.equal(requestsTo(sigstore, sigstore.rekorUrl), 3)
})

describe('of an entry that is there already', () => {
  /** A log that says so, and where. */
  async function logThatHas(context: TestContext, location: string | undefined) {
    const asked: string[] = []
    const scene = await startHttp(context, (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.method === 'GET') response.end(JSON.stringify({ entry: ENTRY }))
      else response.writeHead(409, { ...(location && { location }) }).end('{"code":409}')
    })
    return { ...scene, asked }
  }

  test('the place is one at the same log, whatever the answer names', async (context) => {
    const uuid = 'ab'.repeat(40)
    const { http, url, asked } = await logThatHas(
      context,
      `https://elsewhere.example/api/v1/log/entries/${uuid}`,
    )
    assert.equal((await log(http, url)).logIndex, '7')
    assert.equal(asked[1], `GET /v2/api/v1/log/entries/${uuid}`)
  })

  for (const location of [undefined, '/api/v1/log/entries/../../secret']) {
    test(`the place has to be an entry, and not ${location}`, async (context) => {
      const { http, url, asked } = await logThatHas(context, location)
      await assert.rejects(log(http, url), /an entry that is there, but not where/)
      assert.equal(asked.length, 1)
    })
  }
})

for (const [what, answer] of [
  ['no object', []],
  ['no entry', {}],
  ['two entries', { one: ENTRY, two: ENTRY }],
  ['no body', { entry: { ...ENTRY, body: undefined } }],
  ['a body that is not JSON', { entry: { ...ENTRY, body: 'AAAA' } }],
  ['no time', { entry: { ...ENTRY, integratedTime: '1' } }],
  ['a negative index', { entry: { ...ENTRY, logIndex: -1 } }],
  ['no promise', { entry: { ...ENTRY, verification: { inclusionProof: PROOF } } }],
  ['no proof', { entry: { ...ENTRY, verification: { signedEntryTimestamp: 'AAAA' } } }],
  [
    'a proof without checkpoint',
    {
      entry: {
        ...ENTRY,
        verification: { ...ENTRY.verification, inclusionProof: { ...PROOF, checkpoint: undefined } },
      },
    },
  ],
] as const) {
  test(`an answer with ${what} is refused`, async (context) => {
    const { http, url } = await startHttp(context, (_, response) => {
      response.writeHead(201).end(JSON.stringify(answer))
    })
    await assert.rejects(log(http, url), (error) => {
      assert.ok(error instanceof PromotionError && error.kind === 'signing')
      assert.match(error.message, /answered with something that is not an entry/)
      assert.match(error.hint ?? '', /`rekor-url`/)
      return true
    })
  })
}
