import { X509Certificate } from '@sigstore/core'
import type { WorkflowClaims } from '../policy/trusted-signer.ts'

/** Whom a certificate of Fulcio's names. */
export interface CertificateIdentity {
  /** The subject alternative name: a URI, an e-mail address or a user name; empty when there is none. */
  readonly identity: string
  /** The URL of the OpenID Connect issuer; empty when the certificate names none. */
  readonly issuer: string
  readonly workflow: WorkflowClaims
}

/** Fulcio's extensions (fulcio, docs/oid-info.md). */
const ARC = '1.3.6.1.4.1.57264.1'
const ISSUER = `${ARC}.8`
const ISSUER_AS_BARE_TEXT = `${ARC}.1`
const USER_NAME = `${ARC}.7`
const CLAIMS: Readonly<Record<keyof WorkflowClaims, string>> = {
  trigger: `${ARC}.2`,
  sha: `${ARC}.3`,
  name: `${ARC}.4`,
  repository: `${ARC}.5`,
  ref: `${ARC}.6`,
}

/** The kinds of a general name (RFC 5280, section 4.2.1.6). */
const OTHER_NAME = 0
const EMAIL = 1
const URI = 6

/** Bytes that are no UTF-8 must not turn into a text that looks like another one. */
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads whom a certificate in DER names, and does not check that it is valid. Throws an Error when it is malformed or names several: which of
 * them has signed could not be told.
 */
export function certificateIdentity(der: Uint8Array): CertificateIdentity {
  const certificate = X509Certificate.parse(Buffer.from(der))
  const claims = Object.entries(CLAIMS).flatMap(([claim, oid]) => {
    const value = certificate.extension(oid)?.value
    return value === undefined ? [] : [[claim, TEXT.decode(value)] as const]
  })
  return {
    identity: nameOf(certificate),
    issuer: issuerOf(certificate),
    workflow: Object.fromEntries(claims),
  }
}

type Name = X509Certificate['tbsCertificate']

function nameOf(certificate: X509Certificate): string {
  const names = certificate.extSubjectAltName?.valueObj.subs[0]?.subs ?? []
  if (names.length > 1) throw new Error(`it names ${names.length} identities instead of one`)
  const [value] = names.flatMap(bytesOf)
  return value === undefined ? '' : TEXT.decode(value)
}

function bytesOf(name: Name): readonly Uint8Array[] {
  const { tag, subs, value } = name
  if (tag.isContextSpecific(EMAIL) || tag.isContextSpecific(URI)) return [value]
  const [kind, content] = subs
  const isUser = tag.isContextSpecific(OTHER_NAME) && kind?.toOID() === USER_NAME
  return isUser ? (content?.subs ?? []).map((text) => text.value) : []
}

/** The newer extension holds a UTF8String in DER, the older one the bare text. */
function issuerOf(certificate: X509Certificate): string {
  const newer = certificate.extension(ISSUER)
  const value = newer ? newer.valueObj.subs[0]?.value : certificate.extension(ISSUER_AS_BARE_TEXT)?.value
  return value === undefined ? '' : TEXT.decode(value)
}
