import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { describe, type TestContext, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { FulcioCredential } from '../../src/sign/fulcio-credential.ts'
import { jobCredential } from '../builders/sigstore-maker.ts'
import { requestsTo, startSigstoreScene } from '../builders/sigstore-scene.ts'
import { startHttp } from '../registry/http-scene.ts'

const NO_EVIDENCE = { transparency: 'none', timestamp: 'none' } as const
const MINUTE = 60_000

describe('a credential of a certificate authority', () => {
  test('is asked for once by fifty that want it side by side, and by whoever comes later', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const source = jobCredential(sigstore, http)
    const all = await Promise.all(Array.from({ length: 50 }, () => source.credential()))
    assert.equal(new Set(all).size, 1)
    assert.equal(await source.credential(), all[0])
    assert.equal(requestsTo(sigstore, sigstore.fulcioUrl), 1)
    assert.equal(requestsTo(sigstore, sigstore.actionsRequest.url), 1)
  })

  test('is a key with its certificate, and the chain behind it', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const { key, certificate } = await jobCredential(sigstore, http).credential()
    assert.ok(certificate && new X509Certificate(certificate.pem).checkPrivateKey(key))
    const [issuer] = certificate.chain.split(/(?<=-----END CERTIFICATE-----\n)/)
    assert.ok(new X509Certificate(certificate.pem).checkIssued(new X509Certificate(issuer ?? '')))
  })

  test('is replaced two minutes before its end, with a new key and a new token', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context, { certificateLife: 3 * MINUTE })
    context.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const source = jobCredential(sigstore, http)
    const first = await source.credential()
    // Certificates count in whole seconds.
    context.mock.timers.tick(MINUTE - 2000)
    assert.equal(await source.credential(), first)
    context.mock.timers.tick(4000)
    const second = await source.credential()
    assert.notEqual(second.key, first.key)
    assert.notEqual(second.certificate?.pem, first.certificate?.pem)
    assert.equal(requestsTo(sigstore, sigstore.actionsRequest.url), 2)
  })

  test('is replaced in time also by a clock that is an hour behind the certificate authority', async (context) => {
    const { sigstore } = await startSigstoreScene(context)
    let issued = 0
    const { http, url } = await startHttp(context, async (request, response) => {
      issued += 1
      const { publicKeyRequest } = JSON.parse(await text(request))
      const publicKey = createPublicKey(publicKeyRequest.publicKey.content)
      const notBefore = new Date(Date.now() + 60 * MINUTE)
      const notAfter = new Date(notBefore.getTime() + 10 * MINUTE)
      const certificate = await sigstore.issue({ publicKey, subject: { email: 'a@b' }, notBefore, notAfter })
      response.end(JSON.stringify(embedded([certificate.pem])))
    })
    context.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const token = async () => ({ text: 'token', subject: 'a@b' })
    const source = new FulcioCredential({ fulcio: url, http, token, isBoundToRun: true })
    await source.credential()
    context.mock.timers.tick(8 * MINUTE + 2000)
    await source.credential()
    assert.equal(issued, 2)
  })

  test('that was refused is asked for again by the next one', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const source = jobCredential(sigstore, http)
    sigstore.refuse.fulcio = 400
    const both = await Promise.allSettled([source.credential(), source.credential()])
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.equal(requestsTo(sigstore, sigstore.fulcioUrl), 1)
    delete sigstore.refuse.fulcio
    assert.ok(await source.credential())
  })
})

describe('its identity', () => {
  test('is what the certificate says, exactly, with the evidence of the run', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const source = jobCredential(sigstore, http)
    const identity = await source.identity({ transparency: 'rekor', timestamp: 'required' })
    assert.ok(identity.by === 'certificate')
    assert.equal(
      identity.identity.text,
      'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
    )
    assert.deepEqual([identity.identity.kind, identity.issuer.kind], ['exact', 'exact'])
    assert.equal(identity.issuer.text, sigstore.issuer)
    assert.deepEqual(identity.workflow, {
      trigger: 'push',
      sha: '9f1d2c3b4a5968778695a4b3c2d1e0f123456789',
      name: 'release',
      repository: 'acme/app',
      ref: 'refs/heads/main',
    })
    assert.deepEqual([identity.transparency, identity.timestamp], ['rekor', 'required'])
    await source.credential()
    assert.equal(requestsTo(sigstore, sigstore.fulcioUrl), 1)
  })

  test('of a person is the e-mail address', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const email = 'ann@example.com'
    const token = async () => ({ text: sigstore.token({ email }), subject: email })
    const source = new FulcioCredential({
      fulcio: new URL(sigstore.fulcioUrl),
      http,
      token,
      isBoundToRun: true,
    })
    const identity = await source.identity(NO_EVIDENCE)
    assert.ok(identity.by === 'certificate')
    assert.equal(identity.identity.text, email)
    assert.deepEqual(identity.workflow, {})
  })
})

/** A certificate authority that answers with whatever comes. */
async function authorityThatAnswers(context: TestContext, answer: unknown) {
  const { http, url } = await startHttp(context, (_, response) => response.end(JSON.stringify(answer)))
  return new FulcioCredential({
    fulcio: url,
    http,
    token: async () => ({ text: 'token', subject: 'me' }),
    isBoundToRun: true,
  })
}

function embedded(certificates: unknown): unknown {
  return { signedCertificateEmbeddedSct: { chain: { certificates } } }
}

test('a certificate for another key is refused', async (context) => {
  const { sigstore } = await startSigstoreScene(context)
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { pem, chain } = await sigstore.issue({ publicKey, subject: { email: 'ann@example.com' } })
  const source = await authorityThatAnswers(context, embedded([pem, chain]))
  await assert.rejects(source.credential(), /a certificate that is malformed or for another key/)
})

for (const [what, answer, why] of [
  ['no object', [], /holds no certificate/],
  ['nothing in it', {}, /holds no certificate/],
  ['an empty chain', embedded([]), /holds no certificate/],
  ['a promise beside it', { signedCertificateDetachedSct: { chain: {} } }, /promise of a certificate transp/],
  ['certificates that are none', embedded(['-----BEGIN CERTIFICATE-----']), /malformed/],
  ['certificates that are no text', embedded([1, 2]), /holds no certificate/],
] as const) {
  test(`an answer with ${what} is refused`, async (context) => {
    const source = await authorityThatAnswers(context, answer)
    await assert.rejects(source.credential(), (error) => {
      assert.ok(error instanceof PromotionError && error.kind === 'signing')
      assert.match(error.message, why)
      assert.match(error.message, /http:\/\/127\.0\.0\.1:\d+\/v2\/api\/v2\/signingCert/)
      assert.match(error.hint ?? '', /fulcio-url/)
      return true
    })
  })
}
