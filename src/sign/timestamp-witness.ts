import { createHash } from 'node:crypto'
import { ASN1Obj, RFC3161Timestamp } from '@sigstore/core'
import type { SignatureBundle, VerificationMaterial, Witness } from '@sigstore/sign'
import { askService, type ServiceHttp, unusable } from './ask-service.ts'
import { signatureOf } from './signature-of.ts'

const NAMED_BY = '`timestamp-url` or the signing config'
const QUERY = 'application/timestamp-query'
const REPLY = 'application/timestamp-reply'
const NO_TIMESTAMP = 'something that is not a timestamp'
/**
 * A request in DER (RFC 3161, section 2.4.1) up to the SHA-256 that is to be dated, and what follows it: that certificates are wanted. It
 * needs no nonce: nothing else has this digest.
 */
const BEFORE_DIGEST = Buffer.from('30390201013031300d060960864801650304020105000420', 'hex')
const AFTER_DIGEST = Buffer.from('0101ff', 'hex')
/** Bytes; a timestamp with its authority's certificates has a few thousand. */
const REPLY_LIMIT = 64 * 1024
/** Granted, with changes or without (RFC 3161, section 2.4.2): the contents of an integer in DER. */
const GRANTED: readonly string[] = ['00', '01']

/** Has signatures dated by a timestamp authority, whoever runs it (RFC 3161, sections 2.4 and 3.4). */
export class TimestampWitness implements Witness {
  readonly #authority: URL
  readonly #http: ServiceHttp

  /** `authority` comes with its whole path. */
  constructor(authority: URL, http: ServiceHttp) {
    this.#authority = authority
    this.#http = http
  }

  async testify(content: SignatureBundle): Promise<VerificationMaterial> {
    const question = { wanted: 'a timestamp', url: this.#authority, namedBy: NAMED_BY }
    const digest = createHash('sha256').update(signatureOf(content)).digest()
    const body = { mediaType: QUERY, bytes: Buffer.concat([BEFORE_DIGEST, digest, AFTER_DIGEST]) }
    const { bytes } = await askService(this.#http, { ...question, body, accept: REPLY })
    const problem = problemOf(bytes, digest)
    if (problem !== undefined) throw unusable(question, problem)
    return { rfc3161Timestamps: [{ signedTimestamp: Buffer.from(bytes) }] }
  }
}

function problemOf(reply: Uint8Array, digest: Buffer): string | undefined {
  if (reply.byteLength > REPLY_LIMIT)
    return `${reply.byteLength} bytes, more than the ${REPLY_LIMIT} that a timestamp may have`
  try {
    const { subs } = ASN1Obj.parseBuffer(Buffer.from(reply))
    const status = subs[0]?.subs[0]
    // Not as a number: reading one of any length takes the square of its length.
    const code = status?.tag.isInteger() ? status.value.toString('hex') : ''
    if (code.length !== 2) return NO_TIMESTAMP
    if (!GRANTED.includes(code)) return `the refusal ${Number.parseInt(code, 16)} (RFC 3161, section 2.4.2)`
    const { tstInfo } = RFC3161Timestamp.parse(Buffer.from(reply))
    return tstInfo.messageImprintHashedMessage.equals(digest) ? undefined : 'a timestamp of something else'
  } catch {
    // Whatever the reader of ASN.1 stumbles over says less than this.
    return reply.byteLength === 0 ? 'an empty body' : NO_TIMESTAMP
  }
}
