import assert from 'node:assert/strict'
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type PrivateSigstore, startPrivateSigstore } from './private-sigstore.ts'

interface Discovery {
  readonly issuer: string
  readonly jwks_uri: string
}

interface Token {
  readonly value: string
}

describe('the issuer of the private Sigstore', () => {
  let sigstore: PrivateSigstore

  before(async () => {
    sigstore = await startPrivateSigstore()
  })

  after(() => sigstore.close())

  test('signs tokens with the key that its discovery leads to', async () => {
    const discovery = await getJson<Discovery>(`${sigstore.issuer}/.well-known/openid-configuration`)
    assert.equal(discovery.issuer, sigstore.issuer)
    const { keys } = await getJson<{ readonly keys: readonly [JsonWebKey] }>(discovery.jwks_uri)
    const [jwk] = keys
    const [header, payload, signature = ''] = sigstore.token().split('.')
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
  })

  test('gives a job a token for the audience that it names, with the claims of the job', async () => {
    const { url, token } = sigstore.actionsRequest
    sigstore.actionsRequest.claims = { repository: 'acme/other' }
    const headers = { authorization: `bearer ${token}` }
    const { value } = await getJson<Token>(`${url}&audience=sigstore`, headers)
    const claims = claimsOf(value)
    assert.deepEqual([claims.aud, claims.repository, claims.iss], ['sigstore', 'acme/other', sigstore.issuer])
    const elsewhere = await getJson<Token>(`${url}&audience=elsewhere`, headers)
    assert.equal(claimsOf(elsewhere.value).aud, 'elsewhere')
  })

  test('gives no token to who does not show that of the job', async () => {
    const { url } = sigstore.actionsRequest
    assert.equal((await fetch(url)).status, 401)
    assert.equal((await fetch(url, { headers: { authorization: 'bearer guessed' } })).status, 401)
  })

  test('says of a person nothing that only a workflow has', () => {
    const claims = claimsOf(sigstore.token({ email: 'ada@example.com' }))
    assert.deepEqual(
      [claims.email, claims.email_verified, claims.repository],
      ['ada@example.com', true, undefined],
    )
  })
})

async function getJson<Body>(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Body> {
  return (await fetch(url, { headers })).json() as Promise<Body>
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
