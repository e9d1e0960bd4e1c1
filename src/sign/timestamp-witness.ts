import { createHash } from 'node:crypto'
import { RFC3161Timestamp } from '@sigstore/core'
import type { SignatureBundle, VerificationMaterial, Witness } from '@sigstore/sign'
import { askService, type ServiceHttp, unusable } from './ask-service.ts'
import { signatureOf } from './signature-of.ts'

const NAMED_BY = '`timestamp-url` or the signing config'
const QUERY = 'application/timestamp-query'
const REPLY = 'application/timestamp-reply'
/**
 * A request in DER (RFC 3161, section 2.4.1) up to the SHA-256 that is to be dated, and what follows it: that certificates are wanted. It
 * needs no nonce: nothing else has this digest.
 */
const BEFORE_DIGEST = Buffer.from('30390201013031300d060960864801650304020105000420', 'hex')
const AFTER_DIGEST = Buffer.from('0101ff', 'hex')
/** Granted, with changes or without (RFC 3161, section 2.4.2). */
const GRANTED: readonly bigint[] = [0n, 1n]

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
  try {
    const timestamp = RFC3161Timestamp.parse(Buffer.from(reply))
    if (!GRANTED.includes(timestamp.status))
      return `the refusal ${timestamp.status} (RFC 3161, section 2.4.2)`
    return timestamp.tstInfo.messageImprintHashedMessage.equals(digest)
      ? undefined
      : 'a timestamp of something else'
  } catch {
    // Whatever the reader of ASN.1 stumbles over says less than this.
    return reply.byteLength === 0 ? 'an empty body' : 'something that is not a timestamp'
  }
}
