import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import { ASN1Obj } from '@sigstore/core'
import { type Answer, jsonAnswer } from '../registry-exchange.ts'
import { der, SEQUENCE } from './der.ts'
import { makeEcLogKey, signWithLogKey } from './log-key.ts'
import { jsonOf, ServiceError, type SigstoreRequest } from './sigstore-request.ts'

const POISON = '1.3.6.1.4.1.11129.2.4.3'
/** The tag of the extensions in a certificate (RFC 5280, section 4.1). */
const EXTENSIONS = 3
/** Behind the version and the log's identifier. */
const TIME_OFFSET = 33
/** Behind the time and the length of no extensions. */
const SIGNATURE_OFFSET = 43
const PRECERTIFICATE_ENTRY = 1
const SHA256_WITH_ECDSA = Buffer.of(4, 3)

/** A certificate transparency log as far as an authority needs it: it signs that it has seen certificates, and keeps nothing. */
export class CtLog {
  readonly key = makeEcLogKey()

  /** Takes what Fulcio wants to issue (RFC 6962, section 4.2). */
  answer(request: SigstoreRequest): Answer {
    if (request.path !== '/ct/v1/add-pre-chain') throw new ServiceError(404, `${request.path} does not exist`)
    const { chain } = jsonOf(request) as { readonly chain: readonly string[] }
    const [draft, issuer] = chain.map((certificate) => Buffer.from(certificate, 'base64'))
    if (draft === undefined || issuer === undefined) throw new ServiceError(400, 'there is no issuer')
    const timestamp = this.timestamp(withoutPoison(tbsOf(draft)), new X509Certificate(issuer).publicKey)
    return jsonAnswer(200, {
      sct_version: 0,
      id: this.key.id.toString('base64'),
      timestamp: Number(timestamp.readBigUInt64BE(TIME_OFFSET)),
      extensions: '',
      signature: timestamp.subarray(SIGNATURE_OFFSET).toString('base64'),
    })
  }

  /** The signed timestamp of a certificate to be, given without the timestamp (RFC 6962, section 3.2). */
  timestamp(tbs: Buffer, issuerKey: KeyObject, at: Date = new Date()): Buffer {
    const version = Buffer.of(0)
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(BigInt(at.getTime()))
    const noExtensions = withLength(2, Buffer.alloc(0))
    const signed = Buffer.concat([
      version,
      Buffer.of(0),
      time,
      Buffer.of(0, PRECERTIFICATE_ENTRY),
      createHash('sha256')
        .update(issuerKey.export({ type: 'spki', format: 'der' }))
        .digest(),
      withLength(3, tbs),
      noExtensions,
    ])
    const signature = withLength(2, signWithLogKey(this.key, signed))
    return Buffer.concat([version, this.key.id, time, noExtensions, SHA256_WITH_ECDSA, signature])
  }
}

/** The list that a certificate holds in its extension (RFC 6962, section 3.3). */
export function timestampList(timestamp: Buffer): Buffer {
  return withLength(2, withLength(2, timestamp))
}

/** The signed part of a certificate, as it was signed. */
export function tbsOf(certificate: Buffer): Buffer {
  const [tbs] = ASN1Obj.parseBuffer(certificate as Buffer<ArrayBuffer>).subs
  if (tbs === undefined) throw new ServiceError(400, 'not a certificate')
  return tbs.toDER()
}

/** The same without the extension that makes a certificate unusable before it is logged (RFC 6962, section 3.1). */
function withoutPoison(tbs: Buffer): Buffer {
  const parts = ASN1Obj.parseBuffer(tbs as Buffer<ArrayBuffer>).subs.map((part) => {
    const [extensions] = part.subs
    if (!part.tag.isContextSpecific(EXTENSIONS) || extensions === undefined) return part.toDER()
    const kept = extensions.subs.filter(({ subs }) => subs[0]?.toOID() !== POISON)
    return der(part.tag.toDER(), der(SEQUENCE, Buffer.concat(kept.map((extension) => extension.toDER()))))
  })
  return der(SEQUENCE, Buffer.concat(parts))
}

/** Bytes behind their number (RFC 5246, section 4.3). */
function withLength(width: number, bytes: Buffer): Buffer {
  const length = Buffer.alloc(width)
  length.writeUIntBE(bytes.length, 0, width)
  return Buffer.concat([length, bytes])
}
