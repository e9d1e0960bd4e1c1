import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { type Answer, jsonAnswer } from '../registry-exchange.ts'
import { type IdentityClaims, makeClaims, type WantedClaims } from './identity-claims.ts'
import { bearerOf, ServiceError, type SigstoreRequest } from './sigstore-request.ts'

/** JSON Web Signatures hold ECDSA signatures as two numbers, not in DER (RFC 7518, section 3.4). */
const dsaEncoding = 'ieee-p1363'
const KEY_ID = 'private-sigstore'

/** An OpenID Connect issuer of the shape of GitHub's, with the endpoint at which a job gets its token. */
export class OidcIssuer {
  readonly url: string
  /** What a job must show to get a token. */
  readonly requestToken = randomBytes(24).toString('base64url')
  readonly #privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  readonly #publicKey = createPublicKey(this.#privateKey)

  constructor(url: string) {
    this.url = url
  }

  /** An identity token of the default claims, with `claims` instead of or beside them (RFC 7519). */
  token(claims: WantedClaims = {}): string {
    const header = encode({ alg: 'ES256', typ: 'JWT', kid: KEY_ID })
    const signed = `${header}.${encode(makeClaims(this.url, claims))}`
    const signature = sign('sha256', Buffer.from(signed), { key: this.#privateKey, dsaEncoding })
    return `${signed}.${signature.toString('base64url')}`
  }

  /** The claims of a token of this issuer for Sigstore; a status of 401 when it is anything else, or has expired. */
  claimsOf(token: string): IdentityClaims {
    const [header = '', payload = '', signature = ''] = token.split('.')
    const key = { key: this.#publicKey, dsaEncoding } as const
    const signed = Buffer.from(`${header}.${payload}`)
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) {
      throw new ServiceError(401, 'the identity token is not one of the trusted issuer')
    }
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as IdentityClaims
    if (claims.aud !== 'sigstore') throw new ServiceError(401, `the token's audience is ${claims.aud}`)
    if (claims.exp <= Date.now() / 1000) throw new ServiceError(401, 'the identity token has expired')
    return claims
  }

  /** Discovery and keys (OpenID Connect Discovery 1.0, section 4). */
  answer({ path }: SigstoreRequest): Answer {
    if (path === '/.well-known/openid-configuration') {
      return jsonAnswer(200, {
        issuer: this.url,
        jwks_uri: `${this.url}/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      })
    }
    if (path !== '/jwks') throw new ServiceError(404, `${path} does not exist`)
    const key = this.#publicKey.export({ format: 'jwk' })
    return jsonAnswer(200, { keys: [{ ...key, kid: KEY_ID, alg: 'ES256', use: 'sig' }] })
  }

  /** The token for a job, as behind ACTIONS_ID_TOKEN_REQUEST_URL; `claims` are those of the job. */
  answerJob(request: SigstoreRequest, claims: WantedClaims): Answer {
    if (bearerOf(request) !== this.requestToken) throw new ServiceError(401, 'the bearer token is wrong')
    const audience = request.query.get('audience')
    return jsonAnswer(200, { value: this.token(audience === null ? claims : { ...claims, aud: audience }) })
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
