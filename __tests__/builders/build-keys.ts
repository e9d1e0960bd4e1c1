import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** A new key pair, as objects and as the PEM files in which cosign and OpenSSL keep them (PKCS 8 and SPKI). */
export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly privatePem: string
  readonly publicPem: string
  /** Base64 of the SHA-256 of the public key in DER, by which a Sigstore bundle names it. */
  readonly hint: string
}

/** Makes a key pair: `ec` on P-256, as cosign's own keys, or `rsa` with 2048 bits. */
export function buildKeys(type: 'ec' | 'rsa' = 'ec'): KeyPair {
  const { privateKey, publicKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return {
    privateKey,
    publicKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    hint: createHash('sha256').update(der).digest('base64'),
  }
}
