import { sign } from 'node:crypto'
import type { KeyPair } from './build-keys.ts'

const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** A DSSE envelope as JSON. */
export interface DsseEnvelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly sig: string }[]
}

/** The signature over these bytes with SHA-256 (ECDSA in DER, RSA in PKCS 1), in base64. */
export function signPayload(keys: KeyPair, payload: string): string {
  return sign('sha256', Buffer.from(payload), keys.privateKey).toString('base64')
}

/** An in-toto statement in a signed envelope (DSSE protocol, "pre-authentication encoding"). */
export function signDsse(keys: KeyPair, statement: string): DsseEnvelope {
  const length = Buffer.byteLength(statement)
  const encoded = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${length} ${statement}`
  return {
    payload: Buffer.from(statement).toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ sig: signPayload(keys, encoded) }],
  }
}
