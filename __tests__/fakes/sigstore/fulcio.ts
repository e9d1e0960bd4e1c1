import { createPublicKey, verify } from 'node:crypto'
import { type Answer, jsonAnswer } from '../registry-exchange.ts'
import type { CertificateAuthority, CertificateSubject } from './certificate-authority.ts'
import type { IdentityClaims } from './identity-claims.ts'
import type { OidcIssuer } from './oidc-issuer.ts'
import { bearerOf, jsonOf, ServiceError, type SigstoreRequest } from './sigstore-request.ts'

interface SigningRequest {
  readonly credentials?: { readonly oidcIdentityToken?: string }
  readonly publicKeyRequest?: {
    readonly publicKey: { readonly content: string }
    readonly proofOfPossession: string
  }
}

/** Fulcio's API, version 2: certificates for those who show a token of the issuer, either in the header or in the body. */
export class Fulcio {
  readonly #authority: CertificateAuthority
  readonly #issuer: OidcIssuer
  readonly #life: number

  /** `life` is that of a certificate in milliseconds. */
  constructor(authority: CertificateAuthority, issuer: OidcIssuer, life: number) {
    this.#authority = authority
    this.#issuer = issuer
    this.#life = life
  }

  async answer(request: SigstoreRequest): Promise<Answer> {
    if (request.method !== 'POST' || request.path !== '/api/v2/signingCert') {
      throw new ServiceError(404, `${request.path} does not exist`)
    }
    const { credentials, publicKeyRequest } = jsonOf(request) as SigningRequest
    const claims = this.#issuer.claimsOf(credentials?.oidcIdentityToken ?? bearerOf(request))
    if (publicKeyRequest === undefined) throw new ServiceError(400, 'there is no public key')
    const publicKey = createPublicKey(publicKeyRequest.publicKey.content)
    const proof = Buffer.from(publicKeyRequest.proofOfPossession, 'base64')
    if (!verify('sha256', Buffer.from(claims.email ?? claims.sub), publicKey, proof)) {
      throw new ServiceError(400, 'the proof of possession does not match the public key')
    }
    const notBefore = new Date()
    const notAfter = new Date(notBefore.getTime() + this.#life)
    const subject = subjectOf(claims)
    const { pem, chain } = await this.#authority.issue({ publicKey, subject, claims, notBefore, notAfter })
    const certificates = [pem, ...chain.split(/(?<=-----END CERTIFICATE-----\n)/)]
    return jsonAnswer(200, { signedCertificateEmbeddedSct: { chain: { certificates } } })
  }
}

function subjectOf(claims: IdentityClaims): CertificateSubject {
  return claims.email === undefined
    ? { uri: `https://github.com/${claims.job_workflow_ref}` }
    : { email: claims.email }
}
