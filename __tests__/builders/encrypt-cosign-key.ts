import { type KeyObject, randomBytes, scryptSync } from 'node:crypto'
import { secretbox } from '@noble/ciphers/salsa.js'

const HEADER = 'ENCRYPTED SIGSTORE PRIVATE KEY'

/** What to write otherwise than cosign does. */
export interface Deviation {
  readonly label?: string
  readonly cost?: number
  /** Changes the JSON before it is encoded. */
  readonly change?: (json: string) => string
}

/** A private key as `cosign generate-key-pair` writes it. */
export function encryptCosignKey(key: KeyObject, password: string, deviation: Deviation = {}): string {
  const { label = HEADER, cost = 32768, change = (json) => json } = deviation
  const salt = randomBytes(32)
  const nonce = randomBytes(24)
  const derived = scryptSync(password, salt, 32, { N: cost, r: 8, p: 1, maxmem: 256 * 1024 * 1024 })
  const der = key.export({ format: 'der', type: 'pkcs8' })
  const json = JSON.stringify({
    kdf: { name: 'scrypt', params: { N: cost, r: 8, p: 1 }, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(secretbox(derived, nonce).seal(der)).toString('base64'),
  })
  const body = Buffer.from(change(json)).toString('base64')
  return `-----BEGIN ${label}-----\n${body.replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`
}
