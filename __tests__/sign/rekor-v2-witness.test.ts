import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { dsse } from '@sigstore/core'
import { PromotionError } from '../../src/errors.ts'
import type { ServiceHttp } from '../../src/sign/ask-service.ts'
import { KeyCredential } from '../../src/sign/key-credential.ts'
import { makeBundle } from '../../src/sign/make-bundle.ts'
import { RekorV2Witness } from '../../src/sign/rekor-v2-witness.ts'
import { buildKeys, type KeyPair } from '../builders/build-keys.ts'
import { jobCredential } from '../builders/sigstore-maker.ts'
import { startSigstoreScene } from '../builders/sigstore-scene.ts'
import { startHttp } from '../registry/http-scene.ts'

const STATEMENT = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}')
const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

function keyCredential({ privateKey }: KeyPair) {
  return new KeyCredential(privateKey).credential()
}

async function entryOf(
  http: ServiceHttp,
  url: URL,
  credential: Parameters<typeof makeBundle>[1],
  kind: 'statement' | 'bytes' = 'statement',
) {
  const witnesses = { logs: [{ version: 2, url }] as const, timestamps: [] }
  const bundle = await makeBundle({ kind, bytes: STATEMENT }, credential, { witnesses, http })
  const [entry] = bundle.verificationMaterial.tlogEntries
  assert.ok(entry)
  return { entry, spec: JSON.parse(entry.canonicalizedBody.toString()).spec.hashedRekordV002 }
}

test('of a statement the digest of what was signed is entered, not the envelope', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const { entry, spec } = await entryOf(http, new URL(sigstore.rekorV2Url), await keyCredential(buildKeys()))
  const signed = dsse.preAuthEncoding(PAYLOAD_TYPE, STATEMENT)
  assert.equal(spec.data.digest, createHash('sha256').update(signed).digest('base64'))
  assert.deepEqual(entry.kindVersion, { kind: 'hashedrekord', version: '0.0.2' })
  assert.ok(entry.inclusionProof?.checkpoint)
})

test('of bytes their own digest is entered', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const credential = await keyCredential(buildKeys())
  const { spec } = await entryOf(http, new URL(sigstore.rekorV2Url), credential, 'bytes')
  assert.equal(spec.data.digest, createHash('sha256').update(STATEMENT).digest('base64'))
})

for (const [type, details] of [
  ['ec', 'PKIX_ECDSA_P256_SHA_256'],
  ['rsa', 'PKIX_RSA_PKCS1V15_2048_SHA256'],
] as const) {
  test(`a key of ${type} is entered as a public key with its algorithm`, async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const keys = buildKeys(type)
    const { spec } = await entryOf(http, new URL(sigstore.rekorV2Url), await keyCredential(keys))
    const { publicKey, keyDetails } = spec.signature.verifier
    assert.equal(keyDetails, details)
    const der = keys.publicKey.export({ type: 'spki', format: 'der' })
    assert.equal(publicKey.rawBytes, der.toString('base64'))
  })
}

test('a certificate is entered as one', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const credential = await jobCredential(sigstore, http).credential()
  const { spec } = await entryOf(http, new URL(sigstore.rekorV2Url), credential)
  assert.ok(spec.signature.verifier.x509Certificate)
})

const CONTENT = {
  $case: 'messageSignature',
  messageSignature: {
    messageDigest: { algorithm: 1, digest: Buffer.alloc(32) },
    signature: Buffer.from('signature'),
  },
} as const

/** A log that answers everybody the same. */
async function testifyTo(context: TestContext, status: number, answer: string) {
  const { http, url } = await startHttp(context, (_, response) => response.writeHead(status).end(answer))
  return new RekorV2Witness(url, http).testify(CONTENT, buildKeys().publicPem)
}

for (const [what, answer] of [
  ['no object', '[]'],
  ['nothing in it', '{}'],
  [
    'an entry without proof',
    '{"logId":{"keyId":"AA=="},"kindVersion":{"kind":"hashedrekord","version":"0.0.2"}}',
  ],
  ['other types than there should be', '{"logId":5,"inclusionProof":{"hashes":7}}'],
] as const) {
  test(`an answer with ${what} is refused`, async (context) => {
    await assert.rejects(
      testifyTo(context, 201, answer),
      /answered with something that is not an entry with its proof/,
    )
  })
}

test('a signature that the log has already says what to do', async (context) => {
  await assert.rejects(testifyTo(context, 409, '{"code":6,"message":"an equivalent entry"}'), (error) => {
    assert.ok(error instanceof PromotionError && error.kind === 'signing')
    assert.match(error.message, /gave no entry in the transparency log: .* answered 409: .*equivalent/)
    assert.match(error.hint ?? '', /run again; with an RSA key/)
    return true
  })
})
