import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { PublicKeyDetails } from '@sigstore/protobuf-specs'

/** The key of a transparency log, and the names that others know it by. */
export interface LogKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public key as SPKI in DER. */
  readonly der: Buffer
  readonly id: Buffer
  readonly details: PublicKeyDetails
}

/** The name with which logs sign their checkpoints: verifiers expect the host of the log's URL without its port. */
export const LOG_NAME = '127.0.0.1'

const ED25519_NOTE_SIGNATURE = 1
/** The raw key is what is left of the SPKI's 44 bytes. */
const ED25519_KEY_BYTES = 32

/** A key on P-256, as those of Rekor v1 and certificate transparency; its identifier is the hash of the SPKI (RFC 6962, section 3.2). */
export function makeEcLogKey(): LogKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return toLogKey(privateKey, PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, (der) =>
    createHash('sha256').update(der).digest(),
  )
}

/** An Ed25519 key, as that of Rekor v2; its identifier depends on the log's name (the signed note format). */
export function makeEd25519LogKey(): LogKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return toLogKey(privateKey, PublicKeyDetails.PKIX_ED25519, (der) =>
    createHash('sha256')
      .update(`${LOG_NAME}\n`)
      .update(Buffer.of(ED25519_NOTE_SIGNATURE))
      .update(der.subarray(-ED25519_KEY_BYTES))
      .digest(),
  )
}

/** Signs as logs do: ECDSA over the SHA-256, or Ed25519 over the content itself. */
export function signWithLogKey({ privateKey }: LogKey, content: string | Buffer): Buffer {
  return sign(privateKey.asymmetricKeyType === 'ec' ? 'sha256' : null, Buffer.from(content), privateKey)
}

function toLogKey(privateKey: KeyObject, details: PublicKeyDetails, idOf: (der: Buffer) => Buffer): LogKey {
  const publicKey = createPublicKey(privateKey)
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return { privateKey, publicKey, der, id: idOf(der), details }
}
