import {
  type CertificateAuthority as AuthorityInstance,
  HashAlgorithm,
  type Service,
  ServiceSelector,
  SigningConfig,
  type TransparencyLogInstance,
  TrustedRoot,
} from '@sigstore/protobuf-specs'
import type { LogKey } from './log-key.ts'

/** Where a service is reached, and what its signatures are checked with. */
export interface TrustedServices {
  readonly authority: { readonly url: string; readonly certificates: readonly Buffer[] }
  readonly timestamps: { readonly url: string; readonly certificates: readonly Buffer[] }
  readonly ctLog: { readonly url: string; readonly key: LogKey }
  /** By the version of Rekor. */
  readonly logs: Readonly<Record<1 | 2, { readonly url: string; readonly key: LogKey }>>
}

/** Where signers go; without a log or a timestamp authority they use none. */
export interface SigningServices {
  readonly fulcioUrl: string
  readonly issuer: string
  readonly rekor?: { readonly url: string; readonly version: 1 | 2 }
  readonly timestampUrl?: string
}

const OPERATOR = 'private Sigstore'
const VALID_FOR = { start: new Date('2020-01-01T00:00:00Z') }
const ANY = { selector: ServiceSelector.ANY, count: 0 }

/** A trusted root as JSON (protobuf-specs, sigstore_trustroot.proto). */
export function formatTrustedRoot({ authority, timestamps, ctLog, logs }: TrustedServices): string {
  return format(
    TrustedRoot.toJSON({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: Object.values(logs).map(toLog),
      certificateAuthorities: [toAuthority(authority)],
      ctlogs: [toLog(ctLog)],
      timestampAuthorities: [toAuthority(timestamps)],
    }),
  )
}

/** A signing config v0.2 as JSON (protobuf-specs, sigstore_trustroot.proto). */
export function formatSigningConfig({ fulcioUrl, issuer, rekor, timestampUrl }: SigningServices): string {
  return format(
    SigningConfig.toJSON({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [toService(fulcioUrl)],
      oidcUrls: [toService(issuer)],
      rekorTlogUrls: rekor ? [toService(rekor.url, rekor.version)] : [],
      rekorTlogConfig: ANY,
      tsaUrls: timestampUrl === undefined ? [] : [toService(timestampUrl)],
      tsaConfig: ANY,
    }),
  )
}

function toLog({ url, key }: { readonly url: string; readonly key: LogKey }): TransparencyLogInstance {
  return {
    baseUrl: url,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: { rawBytes: key.der, keyDetails: key.details, validFor: VALID_FOR },
    logId: { keyId: key.id },
    checkpointKeyId: undefined,
    operator: OPERATOR,
  }
}

function toAuthority({ url, certificates }: TrustedServices['authority']): AuthorityInstance {
  return {
    subject: { commonName: OPERATOR, organization: OPERATOR },
    uri: url,
    certChain: { certificates: certificates.map((rawBytes) => ({ rawBytes })) },
    validFor: VALID_FOR,
    operator: OPERATOR,
  }
}

function toService(url: string, majorApiVersion = 1): Service {
  return { url, majorApiVersion, validFor: VALID_FOR, operator: OPERATOR }
}

function format(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
