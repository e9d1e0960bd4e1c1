import assert from 'node:assert/strict'
import { sign, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { X509Certificate as Certificate } from '@sigstore/core'
import { buildKeys } from '../../builders/build-keys.ts'
import { type PrivateSigstore, startPrivateSigstore, type WantedCertificate } from './private-sigstore.ts'
import { signBundle } from './sign-bundle.ts'
import { verifyBundle } from './verify-bundle.ts'

interface SigningResponse {
  readonly signedCertificateEmbeddedSct: { readonly chain: { readonly certificates: readonly string[] } }
}

const HOUR_MS = 60 * 60 * 1000
const ARC = '1.3.6.1.4.1.57264.1'

describe('the certificate authority of the private Sigstore', () => {
  let sigstore: PrivateSigstore

  before(async () => {
    sigstore = await startPrivateSigstore({ certificateLife: 60_000 })
  })

  after(() => sigstore.close())

  /** Asks as Sigstore's clients do; the proof is over the subject of the token. */
  async function ask(token: string, where: 'header' | 'body' = 'header', proven?: string): Promise<Response> {
    const { publicPem, privateKey } = buildKeys()
    const { email, sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const proof = sign('sha256', Buffer.from(proven ?? email ?? sub), privateKey)
    return fetch(`${sigstore.fulcioUrl}/api/v2/signingCert`, {
      method: 'POST',
      headers: where === 'header' ? { authorization: `Bearer ${token}` } : {},
      body: JSON.stringify({
        ...(where === 'body' && { credentials: { oidcIdentityToken: token } }),
        publicKeyRequest: {
          publicKey: { algorithm: 'ECDSA', content: publicPem },
          proofOfPossession: proof.toString('base64'),
        },
      }),
    })
  }

  async function certificateFor(token: string, where?: 'header' | 'body'): Promise<X509Certificate> {
    const response = await ask(token, where)
    assert.equal(response.status, 200, await response.clone().text())
    const { signedCertificateEmbeddedSct } = (await response.json()) as SigningResponse
    const { certificates } = signedCertificateEmbeddedSct.chain
    const [leaf, intermediate, root] = certificates.map((pem) => new X509Certificate(pem))
    assert.ok(leaf && intermediate && root)
    assert.ok(leaf.verify(intermediate.publicKey) && intermediate.verify(root.publicKey))
    return leaf
  }

  for (const where of ['header', 'body'] as const) {
    test(`certifies a workflow, with the token in the ${where}`, async () => {
      const certificate = await certificateFor(sigstore.token(), where)
      assert.equal(
        certificate.subjectAltName,
        'URI:https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
      )
      assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 60_000)
    })
  }

  test('certifies a person by the email address', async () => {
    const certificate = await certificateFor(sigstore.token({ email: 'ada@example.com' }))
    assert.equal(certificate.subjectAltName, 'email:ada@example.com')
  })

  test('refuses a token of somebody else, an expired one, one for others, and a wrong proof', async () => {
    await using other = await startPrivateSigstore()
    assert.equal((await ask(other.token())).status, 401)
    assert.equal((await ask(sigstore.token({ exp: Math.floor(Date.now() / 1000) - 1 }))).status, 401)
    assert.equal((await ask(sigstore.token({ aud: 'elsewhere' }))).status, 401)
    assert.equal((await ask(sigstore.token(), 'header', 'somebody')).status, 400)
  })

  test('issues whatever a test wants: key, person, claims, times, and no place in the log', async () => {
    const { publicKey } = buildKeys('rsa')
    const notBefore = new Date('2024-02-03T04:05:06Z')
    const notAfter = new Date('2024-02-03T04:15:06Z')
    const wanted = {
      publicKey,
      subject: { email: 'ada@example.com' },
      claims: { iss: 'https://issuer.example.com', repository: 'acme/other' },
      notBefore,
      notAfter,
      ctLog: 'none',
    } as const
    const issued = await sigstore.issue(wanted)
    const read = new X509Certificate(issued.pem)
    assert.ok(read.publicKey.equals(publicKey))
    assert.deepEqual([new Date(read.validFrom), new Date(read.validTo)], [notBefore, notAfter])
    const certificate = Certificate.parse(issued.raw)
    const extension = (number: number) => certificate.extension(`${ARC}.${number}`)
    assert.equal(extension(1)?.value.toString(), 'https://issuer.example.com')
    assert.equal(extension(8)?.valueObj.subs[0]?.value.toString(), 'https://issuer.example.com')
    assert.equal(extension(12)?.valueObj.subs[0]?.value.toString(), 'https://github.com/acme/other')
    assert.equal(extension(3), undefined)
    assert.equal(certificate.extSCT, undefined)
    const logged = await sigstore.issue({
      ...wanted,
      claims: { sha: undefined, ref: 'refs/tags/v1' },
      ctLog: 'own',
    })
    const ofLogged = Certificate.parse(logged.raw)
    assert.ok(ofLogged.extSCT)
    assert.equal(ofLogged.extension(`${ARC}.3`), undefined)
  })

  test('what another log has seen, or none, or what had expired, does not verify', async () => {
    const verifies = async (wanted: Partial<WantedCertificate>) => {
      const { publicKey, privateKey } = buildKeys()
      const subject = { email: 'ada@example.com' }
      const { pem } = await sigstore.issue({ publicKey, subject, ...wanted })
      const bundle = await signBundle(
        sigstore,
        { rekor: true },
        {
          sign: async (data) => ({
            signature: sign('sha256', data, privateKey),
            key: { $case: 'x509Certificate', certificate: pem },
          }),
        },
      )
      return verifyBundle(bundle, sigstore.trustedRoot)
    }
    assert.equal(await verifies({}), 'ada@example.com')
    await assert.rejects(verifies({ ctLog: 'foreign' }), /SCT/)
    await assert.rejects(verifies({ ctLog: 'none' }), /SCT/)
    await assert.rejects(verifies({ notBefore: new Date(Date.now() - HOUR_MS) }), /certificate/)
  })
})
