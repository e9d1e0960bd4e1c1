import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { isJsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import { badKey } from '../oci/signing-key.ts'

/** What `cosign generate-key-pair` makes: go-securesystemslib's encrypted form, read out of its JSON. */
interface EncryptedKey {
  readonly cost: number
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

/** Costs (scrypt's N) that cosign has ever written; a file that asks for more could eat the machine. */
const COSTS: readonly number[] = [32768, 65536, 131072]
const BLOCK_SIZE = 8
const PARALLELISM = 1
const KEY_BYTES = 32
const NONCE_BYTES = 24
/** scrypt needs 128 * N * r bytes and a little more; Node refuses beyond 32 MiB unless told. */
const MEMORY_LIMIT = 160 * 1024 * 1024

type Scrypt = (
  password: string,
  salt: Uint8Array,
  length: number,
  options: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
) => Promise<Buffer>

const deriveKey: Scrypt = promisify(scrypt)

/**
 * Decrypts the body of a `cosign.key` (base64 of JSON: scrypt, then nacl/secretbox) and returns the PKCS8 DER form. An empty password is
 * a password. Throws a PromotionError of kind `input`; `name` is the file or the variable of the key.
 */
export async function decryptCosignKey(body: string, password: string, name: string): Promise<Buffer> {
  const { cost, salt, nonce, ciphertext } = parseEncryptedKey(body, name)
  const options = { N: cost, r: BLOCK_SIZE, p: PARALLELISM, maxmem: MEMORY_LIMIT }
  const key = await deriveKey(password, salt, KEY_BYTES, options)
  const { secretbox } = await import('@noble/ciphers/salsa.js')
  try {
    return Buffer.from(secretbox(key, nonce).open(ciphertext))
  } catch (cause) {
    throw badKey(name, `cannot be decrypted with the ${password === '' ? 'empty ' : ''}password given`, {
      cause,
      hint: 'Give the password of the key as `key-password`, in a terminal in SIGNED_PROMOTE_KEY_PASSWORD or COSIGN_PASSWORD; if it is right, the key is damaged.',
    })
  }
}

function parseEncryptedKey(body: string, name: string): EncryptedKey {
  const json = readJson(Buffer.from(body, 'base64'))
  if (json === undefined) throw malformed(name, 'is not JSON in base64')
  const { kdf, cipher } = json
  if (!isJsonObject(kdf) || kdf.name !== 'scrypt' || !isJsonObject(kdf.params)) {
    throw malformed(name, 'does not say how scrypt derives its key')
  }
  const { N: cost, r, p } = kdf.params
  if (typeof cost !== 'number' || !COSTS.includes(cost) || r !== BLOCK_SIZE || p !== PARALLELISM) {
    throw malformed(name, 'asks for scrypt parameters that cosign never writes')
  }
  if (!isJsonObject(cipher) || cipher.name !== 'nacl/secretbox') {
    throw malformed(name, 'is not encrypted with nacl/secretbox')
  }
  const nonce = decode(cipher.nonce)
  if (nonce.byteLength !== NONCE_BYTES) throw malformed(name, 'has no nonce of 24 bytes')
  return { cost, salt: decode(kdf.salt), nonce, ciphertext: decode(json.ciphertext) }
}

function decode(value: unknown): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : new Uint8Array()
}

function malformed(name: string, why: string) {
  return badKey(name, `is a malformed cosign key: it ${why}`, {
    hint: 'Make the key again with cosign generate-key-pair, or check that it was copied as a whole.',
  })
}
