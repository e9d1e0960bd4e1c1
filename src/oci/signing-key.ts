import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { PromotionError } from '../errors.ts'

const P256 = 'prime256v1'
/** The RSA sizes in bits that cosign accepts. */
const RSA_SIZES: readonly number[] = [2048, 3072, 4096]

/** One PEM block (RFC 7468): its label, and the block with its two lines. */
export interface PemBlock {
  readonly label: string
  readonly text: string
  /** What stands between the two lines. */
  readonly body: string
}

/** More text than any key has. */
const KEY_TEXT_LIMIT = 64 * 1024

/** The PEM blocks of a text, in their order; none when it is too long to be a key. */
export function parsePem(text: string): readonly PemBlock[] {
  if (text.length > KEY_TEXT_LIMIT) return []
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)
  return [...blocks].map(([block, label = '', body = '']) => ({ label, text: block, body }))
}

/**
 * The key itself, when cosign can sign and verify with its kind: ECDSA on P-256, or RSA of 2048, 3072 or 4096 bits. Throws a
 * PromotionError of kind `input`; `name` is the file or the variable of the key.
 */
export function requireSigningKey(key: KeyObject, name: string): KeyObject {
  const problem = problemOf(key)
  if (problem === undefined) return key
  throw badKey(name, `holds ${problem}, which cosign cannot use`, {
    hint: 'Use a key of ECDSA on P-256 (as cosign generate-key-pair makes) or of RSA with 2048, 3072 or 4096 bits.',
  })
}

const fingerprints = new WeakMap<KeyObject, string>()

/** base64 of the SHA-256 over the SPKI DER form of the public half: the hint by which a Sigstore bundle names its key. */
export function keyFingerprint(key: KeyObject): string {
  const known = fingerprints.get(key)
  if (known !== undefined) return known
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const der = publicKey.export({ format: 'der', type: 'spki' })
  const fingerprint = createHash('sha256').update(der).digest('base64')
  fingerprints.set(key, fingerprint)
  return fingerprint
}

/** A PromotionError of kind `input` about a key: says whose, and never what is in it. */
export function badKey(
  name: string,
  why: string,
  details: { readonly hint: string; readonly cause?: unknown },
): PromotionError {
  return new PromotionError('input', `The key ${name} ${why}`, details)
}

function problemOf(key: KeyObject): string | undefined {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'ec':
      return namedCurve === P256 ? undefined : `an ECDSA key on the curve ${namedCurve}`
    case 'rsa':
      return RSA_SIZES.includes(modulusLength) ? undefined : `an RSA key of ${modulusLength} bits`
    case 'ed25519':
      return 'an Ed25519 key'
    default:
      return `a key of the kind ${key.asymmetricKeyType ?? 'secret'}`
  }
}
