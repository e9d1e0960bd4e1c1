import { createPrivateKey, type KeyObject, type PrivateKeyInput } from 'node:crypto'
import { badKey, type PemBlock, parsePem, requireSigningKey } from '../oci/signing-key.ts'
import { decryptCosignKey } from './cosign-key.ts'

const COSIGN_LABELS: readonly string[] = ['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY']
/** PKCS8 (RFC 5958), SEC1 (RFC 5915) and PKCS1 (RFC 8017). */
const PLAIN_LABELS: readonly string[] = ['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY']
const ENCRYPTED_PEM = /^\s*Proc-Type:/

/**
 * Reads a private key from the text of a `cosign.key` or of a plain PEM file; the password is used for the former only. Throws a
 * PromotionError of kind `input` that names the key by `name`, its file or variable, and shows nothing of it.
 */
export async function parsePrivateKey(text: string, password: string, name: string): Promise<KeyObject> {
  const blocks = parsePem(text)
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) throw notPrivate(blocks, name)
  if (COSIGN_LABELS.includes(block.label)) {
    const der = await decryptCosignKey(block.body, password, name)
    return requireSigningKey(load({ key: der, format: 'der', type: 'pkcs8' }, name), name)
  }
  if (!PLAIN_LABELS.includes(block.label) || ENCRYPTED_PEM.test(block.body)) {
    throw badKey(name, `is encrypted in a form other than cosign's (${block.label})`, {
      hint: 'Turn it into a cosign.key with cosign import-key-pair --key FILE.',
    })
  }
  return requireSigningKey(load({ key: block.text, format: 'pem' }, name), name)
}

/** Throws a PromotionError of kind `input` for a key that `parsePrivateKey` reads and the cosign binary does not: one in plain PEM. */
export function requireCosignForm(text: string, name: string): void {
  const [block] = parsePem(text).filter(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined || COSIGN_LABELS.includes(block.label)) return
  throw badKey(name, `is a plain ${block.label}, which the cosign binary does not read`, {
    hint: 'Turn it into a cosign.key with cosign import-key-pair --key FILE, or sign with signer: native.',
  })
}

function load(input: PrivateKeyInput, name: string): KeyObject {
  try {
    return createPrivateKey(input)
  } catch (cause) {
    throw badKey(name, 'is damaged: its PEM block holds no private key', {
      cause,
      hint: 'Check that the key was copied as a whole, its line ends included.',
    })
  }
}

function notPrivate(blocks: readonly PemBlock[], name: string) {
  const [first] = blocks
  return badKey(name, first === undefined ? 'is not in PEM form' : `is "${first.label}", not a private key`, {
    hint: 'Give a cosign.key, or a PEM file with BEGIN PRIVATE KEY, BEGIN EC PRIVATE KEY or BEGIN RSA PRIVATE KEY.',
  })
}
