import assert from 'node:assert/strict'
import { createHash, sign } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { bundleFromJSON, bundleToJSON, envelopeToJSON } from '@sigstore/bundle'
import { dsse } from '@sigstore/core'
import { buildKeys } from '../../builders/build-keys.ts'
import { hashedRekordBody } from './entry-bodies.ts'
import { type PrivateSigstore, startPrivateSigstore } from './private-sigstore.ts'
import { signBundle } from './sign-bundle.ts'
import { verifyBundle } from './verify-bundle.ts'

type SignedBundle = Awaited<ReturnType<typeof signBundle>>

describe('the logs of the private Sigstore', () => {
  let sigstore: PrivateSigstore

  before(async () => {
    sigstore = await startPrivateSigstore()
  })

  after(() => sigstore.close())

  test('Rekor v1 proves each of its entries, whatever its place in the tree', async () => {
    for (let count = 0; count < 7; count++) {
      const bundle = await signBundle(sigstore, { rekor: true, timestamp: true })
      const [entry] = bundle.verificationMaterial.tlogEntries
      assert.equal(entry?.logIndex, String(count))
      // Without the promise only the proof is left, and the timestamp for the time.
      const proven = { ...entry, inclusionPromise: undefined }
      verifyBundle(withEntry(bundle, proven), sigstore.trustedRoot)
      const hashes = proven.inclusionProof?.hashes.map((hash) => Buffer.alloc(hash.length)) ?? []
      const tampered = { ...proven, inclusionProof: { ...proven.inclusionProof, hashes } }
      if (count > 0) assert.throws(() => verifyBundle(withEntry(bundle, tampered), sigstore.trustedRoot))
    }
  })

  test('Rekor v1 takes no envelope that the key did not sign, and the same one once', async () => {
    const bundle = await signBundle(sigstore, {})
    const { content, verificationMaterial } = bundle
    assert.ok(content.$case === 'dsseEnvelope' && verificationMaterial.content.$case === 'certificate')
    const certificate = pemOf(verificationMaterial.content.certificate.rawBytes)
    const envelope = envelopeToJSON(content.dsseEnvelope)
    const proposed = (text: unknown) => ({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: { proposedContent: { envelope: JSON.stringify(text), verifiers: [base64(certificate)] } },
    })
    const wrong = { ...(envelope as object), payload: base64('something else') }
    assert.equal((await post(sigstore.rekorUrl, 1, proposed(wrong))).status, 400)
    const first = await post(sigstore.rekorUrl, 1, proposed(envelope))
    const second = await post(sigstore.rekorUrl, 1, proposed(envelope))
    assert.deepEqual([first.status, second.status], [201, 409])
    const location = second.headers.get('location') ?? ''
    assert.equal(location.split('/').at(-1), first.headers.get('etag'))
    assert.deepEqual(await (await fetch(`${sigstore.rekorUrl}${location}`)).json(), await first.json())
  })

  test('Rekor v2 logs the digest of what was signed, for a certificate', async () => {
    const bundle = await signBundle(sigstore, { timestamp: true })
    const { content, verificationMaterial } = bundle
    assert.ok(content.$case === 'dsseEnvelope' && verificationMaterial.content.$case === 'certificate')
    const { payload, payloadType, signatures } = content.dsseEnvelope
    const response = await post(sigstore.rekorV2Url, 2, {
      hashedRekordRequestV002: {
        digest: createHash('sha256').update(dsse.preAuthEncoding(payloadType, payload)).digest('base64'),
        signature: {
          content: signatures[0]?.sig.toString('base64'),
          verifier: {
            x509Certificate: {
              rawBytes: verificationMaterial.content.certificate.rawBytes.toString('base64'),
            },
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          },
        },
      },
    })
    assert.equal(response.status, 201)
    const json = bundleToJSON(bundle) as { verificationMaterial: object }
    const logged = {
      ...json,
      verificationMaterial: { ...json.verificationMaterial, tlogEntries: [await response.json()] },
    }
    verifyBundle(bundleFromJSON(logged), sigstore.trustedRoot, { timestampThreshold: 1 })
  })

  test('Rekor v2 takes no envelopes', async () => {
    const response = await post(sigstore.rekorV2Url, 2, { dsseRequestV002: {} })
    assert.deepEqual(
      [response.status, await response.text()],
      [400, 'entries of dsseRequestV002 are not taken'],
    )
  })

  test('an entry that a test adds is at the time that it wants, and what it says is not looked at', async () => {
    const { privateKey, publicPem } = buildKeys()
    const signature = sign('sha256', Buffer.from('this'), privateKey)
    const body = hashedRekordBody({ digest: Buffer.alloc(32), signature, verifier: publicPem })
    const entry = sigstore.log(1, body, new Date('2024-02-03T04:05:06Z'))
    assert.equal(entry.integratedTime, '1706933106')
    assert.deepEqual(JSON.parse(entry.canonicalizedBody.toString()), body)
    assert.equal(sigstore.log(2, body).integratedTime, '0')
  })
})

function withEntry(bundle: SignedBundle, entry: unknown): SignedBundle {
  const { verificationMaterial } = bundle
  return {
    ...bundle,
    verificationMaterial: { ...verificationMaterial, tlogEntries: [entry] },
  } as SignedBundle
}

function post(url: string, version: 1 | 2, entry: unknown): Promise<Response> {
  return fetch(`${url}/api/v${version}/log/entries`, { method: 'POST', body: JSON.stringify(entry) })
}

function pemOf(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
