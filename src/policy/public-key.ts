import { createPublicKey, type KeyObject } from 'node:crypto'
import { badKey, parsePem, requireSigningKey } from '../oci/signing-key.ts'

/** SPKI (RFC 5280) and PKCS1 (RFC 8017). */
const LABELS: readonly string[] = ['PUBLIC KEY', 'RSA PUBLIC KEY']

/**
 * Reads a public key from PEM text, as `cosign.pub` holds one. A private key or a certificate is refused: neither is what a policy
 * should hold. Throws a PromotionError of kind `input` that names the key by `name`, its file or variable.
 */
export function parsePublicKey(text: string, name: string): KeyObject {
  const [block, ...others] = parsePem(text)
  const why = block === undefined ? 'is not in PEM form' : `is "${block.label}", not a public key`
  if (block === undefined || !LABELS.includes(block.label)) throw notPublic(name, why)
  if (others.length > 0) throw notPublic(name, `holds ${others.length + 1} PEM blocks instead of one`)
  return requireSigningKey(load(block.text, name), name)
}

function load(pem: string, name: string): KeyObject {
  try {
    return createPublicKey({ key: pem, format: 'pem' })
  } catch (cause) {
    throw badKey(name, 'is damaged: its PEM block holds no public key', {
      cause,
      hint: 'Check that the key was copied as a whole, its line ends included.',
    })
  }
}

function notPublic(name: string, why: string) {
  return badKey(name, why, {
    hint: 'Give the public half in PEM form, as cosign public-key --key cosign.key prints it.',
  })
}
