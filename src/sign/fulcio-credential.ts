import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { isJsonObject } from '../oci/descriptor.ts'
import { exactly } from '../policy/text-match.ts'
import type { CertificateSigner, Evidence, WorkflowClaims } from '../policy/trusted-signer.ts'
import { askForJson, type ServiceHttp, unusable } from './ask-service.ts'
import type { Credential, CredentialSource, IssuedCertificate } from './credential.ts'
import type { IdentityToken } from './identity-token.ts'
import { apiUrl } from './service-url.ts'

/** What a credential of Fulcio's is made with. */
export interface FulcioOptions {
  /** The certificate authority, without the path of its API. */
  readonly fulcio: URL
  readonly http: ServiceHttp
  /** A new token for each certificate. */
  readonly token: () => Promise<IdentityToken>
  /** Whether the same workflow at another commit, or started by another event, is somebody else. */
  readonly isBoundToRun: boolean
}

/** A credential that came from a certificate authority. */
type Certified = Credential & { readonly certificate: IssuedCertificate }

interface Kept {
  readonly credential: Promise<Certified>
  /** Milliseconds since 1970 until which it is used. */
  until: number
}

/** A certificate is not used in the last two minutes of its life: an entry or a timestamp may take some of them. */
const MARGIN = 2 * 60 * 1000
const WANTED = 'a certificate'
const NAMED_BY = '`fulcio-url` or the signing config'

/**
 * A key that lives as long as the run, with a certificate for whoever an identity token names ("keyless"). The certificate is kept while it
 * is good: many images signed side by side ask for it once.
 */
export class FulcioCredential implements CredentialSource {
  readonly #options: FulcioOptions
  #kept: Kept | undefined

  constructor(options: FulcioOptions) {
    this.#options = options
  }

  credential(): Promise<Certified> {
    if (this.#kept !== undefined && Date.now() < this.#kept.until) return this.#kept.credential
    const kept = { credential: this.#request(), until: Number.POSITIVE_INFINITY }
    this.#kept = kept
    kept.credential.then(
      ({ certificate }) => {
        kept.until = goodUntil(certificate)
      },
      () => {
        // Whoever comes later asks again.
        kept.until = 0
      },
    )
    return kept.credential
  }

  async identity(evidence: Evidence): Promise<CertificateSigner> {
    const { certificate } = await this.credential()
    const { certificateIdentity } = await import('../sigstore/certificate-identity.ts')
    const { identity, issuer, workflow } = certificateIdentity(new X509Certificate(certificate.pem).raw)
    return {
      by: 'certificate',
      name: undefined,
      identity: exactly(identity),
      issuer: exactly(issuer),
      workflow: this.#options.isBoundToRun ? workflow : repositoryIn(workflow),
      ...evidence,
    }
  }

  async #request(): Promise<Certified> {
    const { fulcio, http, token } = this.#options
    const { text, subject } = await token()
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const question = { wanted: WANTED, url: apiUrl(fulcio, '/api/v2/signingCert'), namedBy: NAMED_BY }
    const { value } = await askForJson(http, { ...question, json: certificateRequest(key, text, subject) })
    const certificates = certificatesIn(value)
    if (certificates === undefined) {
      throw unusable(
        question,
        'something that holds no certificate with a promise of a certificate transparency log in it',
      )
    }
    const certificate = readCertificate(certificates)
    if (certificate === undefined || !new X509Certificate(certificate.pem).checkPrivateKey(key)) {
      throw unusable(question, 'a certificate that is malformed or for another key')
    }
    return { key, certificate }
  }
}

/** Fulcio's API, version 2 (fulcio, fulcio.proto, `CreateSigningCertificateRequest`). */
function certificateRequest(key: KeyObject, token: string, subject: string): unknown {
  return {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: {
        algorithm: 'ECDSA',
        content: createPublicKey(key).export({ type: 'spki', format: 'pem' }),
      },
      proofOfPossession: sign('sha256', Buffer.from(subject), key).toString('base64'),
    },
  }
}

/** The chain in PEM, the new certificate first. What has its promise beside it is of no use: no form of a signature could carry that. */
function certificatesIn(value: unknown): readonly string[] | undefined {
  if (!isJsonObject(value) || !isJsonObject(value.signedCertificateEmbeddedSct)) return undefined
  const { chain } = value.signedCertificateEmbeddedSct
  const certificates = isJsonObject(chain) ? chain.certificates : undefined
  const isChain = Array.isArray(certificates) && certificates.length > 0
  return isChain && certificates.every((one) => typeof one === 'string') ? certificates : undefined
}

/** Written anew: verifiers compare it as text with what a log has of it. */
function readCertificate(certificates: readonly string[]): IssuedCertificate | undefined {
  try {
    const [pem = '', ...chain] = certificates.map((certificate) =>
      new X509Certificate(certificate).toString(),
    )
    return { pem, chain: chain.join('') }
  } catch {
    // What OpenSSL says of a malformed certificate helps nobody.
    return undefined
  }
}

/** By how long it lives rather than by when it ends, so that a clock that is behind does no harm. */
function goodUntil({ pem }: IssuedCertificate): number {
  const { validFrom, validTo } = new X509Certificate(pem)
  const end = Date.parse(validTo)
  return Math.min(end, Date.now() + end - Date.parse(validFrom)) - MARGIN
}

/** A workflow that many call has one name for all of them: whose run it was says the repository. */
function repositoryIn({ repository }: WorkflowClaims): WorkflowClaims {
  return repository === undefined ? {} : { repository }
}
