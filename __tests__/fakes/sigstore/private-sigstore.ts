import type { TransparencyLogEntry } from '@sigstore/protobuf-specs'
import {
  CertificateAuthority,
  type CertificateRequest,
  type IssuedCertificate,
} from './certificate-authority.ts'
import { Fulcio } from './fulcio.ts'
import { makeClaims, type WantedClaims } from './identity-claims.ts'
import { LOG_NAME, makeEcLogKey, makeEd25519LogKey } from './log-key.ts'
import { OidcIssuer } from './oidc-issuer.ts'
import { RekorV1 } from './rekor-v1.ts'
import { answerRekorV2 } from './rekor-v2.ts'
import { type RecordedRequest, SigstoreServer } from './sigstore-server.ts'
import { TimestampAuthority } from './timestamp-authority.ts'
import { type EntryBody, TransparencyLog } from './transparency-log.ts'
import {
  formatSigningConfig,
  formatTrustedRoot,
  type SigningServices,
  type TrustedServices,
} from './trusted-root.ts'
import { TufMirror } from './tuf-mirror.ts'

/** A whole Sigstore of its own on one port of loopback, which the native code and cosign both sign and verify with. */
export interface PrivateSigstore extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; everything below is a path of it. */
  readonly url: string
  readonly fulcioUrl: string
  /** Rekor v1. */
  readonly rekorUrl: string
  readonly rekorV2Url: string
  /** With the path of its API, as in signing configs. */
  readonly timestampUrl: string
  /** The issuer of the identity tokens, with discovery and keys. */
  readonly issuer: string
  /** The certificate transparency log, for an authority other than Fulcio here. */
  readonly ctUrl: string
  /** What trusted_root.json is made of. */
  readonly trusted: TrustedServices
  /** trusted_root.json. */
  readonly trustedRoot: string
  readonly tufUrl: string
  /** The root.json from which a client of the TUF mirror starts; the mirror has trusted_root.json and signing_config.v0.2.json. */
  readonly tufRoot: string
  /** What ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN hold in a job; `claims` are those of the job's tokens. */
  readonly actionsRequest: {
    readonly url: string
    readonly token: string
    claims: WantedClaims
  }
  /** Every request, in the order of the answers. */
  readonly requests: readonly RecordedRequest[]
  /** Statuses with which services answer from now on, with a body that repeats the request's Authorization header and body. */
  readonly refuse: SigstoreServer['refuse']
  /** signing_config.v0.2.json with Fulcio and the issuer, and of the rest what is named. */
  signingConfig(services: SigningChoice): string
  /** An identity token of GitHub's shape, or with an `email` a person's; `claims` override. */
  token(claims?: WantedClaims): string
  /** A certificate as the test wants it; without times it has been valid for a minute, and `claims` override those of a token. */
  issue(wanted: WantedCertificate): Promise<IssuedCertificate>
  /** Adds an entry to the log of Rekor v1 or v2, true or not; entry-bodies.ts makes them. */
  log(rekor: 1 | 2, body: EntryBody, at?: Date): TransparencyLogEntry
  /** An RFC 3161 response for a signature. */
  timestamp(signature: Buffer, at?: Date): Promise<Buffer<ArrayBuffer>>
  close(): Promise<void>
}

export interface SigningChoice {
  readonly rekor?: 1 | 2
  readonly timestamp?: boolean
}

export type WantedCertificate = Omit<CertificateRequest, 'notBefore' | 'notAfter' | 'claims'> &
  Partial<Pick<CertificateRequest, 'notBefore' | 'notAfter'>> & { readonly claims?: WantedClaims }

/** So that what was logged a moment before, in whole seconds, is within its life. */
const A_WHILE_MS = 60_000

interface PrivateSigstoreOptions {
  /** How long a certificate is valid, in milliseconds; Fulcio's ten minutes by default. */
  readonly certificateLife?: number
}

interface Parts {
  readonly issuer: OidcIssuer
  readonly authority: CertificateAuthority
  readonly timestamps: TimestampAuthority
  readonly logs: Readonly<Record<1 | 2, TransparencyLog>>
}

const CERTIFICATE_LIFE_MS = 10 * 60 * 1000
const TREE_ID = '1193050959916656506'

/** Starts a private Sigstore with new keys. */
export async function startPrivateSigstore({
  certificateLife = CERTIFICATE_LIFE_MS,
}: PrivateSigstoreOptions = {}): Promise<PrivateSigstore> {
  const server = new SigstoreServer()
  const url = await server.listen()
  const parts = await makeParts(url)
  const { issuer, authority, timestamps, logs } = parts
  const trusted = trustIn(url, parts)
  const trustedRoot = formatTrustedRoot(trusted)
  const signingConfig = (choice: SigningChoice): string =>
    formatSigningConfig(servicesOf(trusted, issuer, choice))
  const tuf = new TufMirror({
    'trusted_root.json': trustedRoot,
    'signing_config.v0.2.json': signingConfig({ rekor: 1, timestamp: true }),
  })
  const actionsRequest: PrivateSigstore['actionsRequest'] = {
    url: `${url}/token?api-version=2.0`,
    token: issuer.requestToken,
    claims: {},
  }
  const fulcio = new Fulcio(authority, issuer, certificateLife)
  const rekor = new RekorV1(logs[1])
  server.serve({
    fulcio: (request) => fulcio.answer(request),
    rekor: (request) => rekor.answer(request),
    rekorV2: (request) => answerRekorV2(logs[2], request),
    timestamp: (request) => timestamps.answer(request),
    ct: (request) => authority.ctLog.answer(request),
    oidc: (request) => issuer.answer(request),
    token: (request) => issuer.answerJob(request, actionsRequest.claims),
    tuf: (request) => tuf.answer(request),
  })
  return {
    url,
    fulcioUrl: trusted.authority.url,
    rekorUrl: logs[1].url,
    rekorV2Url: logs[2].url,
    timestampUrl: trusted.timestamps.url,
    issuer: issuer.url,
    ctUrl: trusted.ctLog.url,
    trusted,
    trustedRoot,
    tufUrl: `${url}/tuf`,
    tufRoot: tuf.root,
    actionsRequest,
    requests: server.requests,
    refuse: server.refuse,
    signingConfig,
    token: (claims) => issuer.token(claims),
    issue: (wanted) => authority.issue(complete(wanted, issuer, certificateLife)),
    log: (version, body, at) => logs[version].append(body, at),
    timestamp: (signature, at) => timestamps.timestamp(signature, at),
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

async function makeParts(url: string): Promise<Parts> {
  const [authority, timestamps] = await Promise.all([
    CertificateAuthority.create(),
    TimestampAuthority.create(),
  ])
  const logs = {
    1: new TransparencyLog({
      url: `${url}/rekor`,
      key: makeEcLogKey(),
      origin: `${LOG_NAME} - ${TREE_ID}`,
      promises: true,
    }),
    2: new TransparencyLog({
      url: `${url}/rekorV2`,
      key: makeEd25519LogKey(),
      origin: LOG_NAME,
      promises: false,
    }),
  }
  return { issuer: new OidcIssuer(`${url}/oidc`), authority, timestamps, logs }
}

function trustIn(url: string, { authority, timestamps, logs }: Parts): TrustedServices {
  return {
    authority: { url: `${url}/fulcio`, certificates: authority.certificates },
    timestamps: { url: `${url}/timestamp/api/v1/timestamp`, certificates: timestamps.certificates },
    ctLog: { url: `${url}/ct`, key: authority.ctLog.key },
    logs,
  }
}

function servicesOf(
  { authority, timestamps, logs }: TrustedServices,
  issuer: OidcIssuer,
  { rekor, timestamp }: SigningChoice,
): SigningServices {
  return {
    fulcioUrl: authority.url,
    issuer: issuer.url,
    ...(rekor && { rekor: { url: logs[rekor].url, version: rekor } }),
    ...(timestamp && { timestampUrl: timestamps.url }),
  }
}

function complete(wanted: WantedCertificate, issuer: OidcIssuer, life: number): CertificateRequest {
  const { subject } = wanted
  const notBefore = wanted.notBefore ?? new Date(Date.now() - A_WHILE_MS)
  const claims = makeClaims(issuer.url, { ...('email' in subject && subject), ...wanted.claims })
  const from = wanted.notBefore?.getTime() ?? Date.now()
  return { notAfter: new Date(from + life), ...wanted, notBefore, claims }
}
