import { createHash } from 'node:crypto'
import { PromotionError } from '../errors.ts'
import { cutText } from './cut-text.ts'

declare const brand: unique symbol

/** A content digest such as `sha256:<64 hex>`, checked against the grammar (OCI image specification, descriptor.md#digests). */
export type Digest = string & { readonly [brand]: 'Digest' }

export type DigestAlgorithm = 'sha256' | 'sha512'

const GRAMMAR = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/

/** Whether the text is a digest of one of the two registered algorithms, in lower-case hex and of full length. */
export function isDigest(text: string): text is Digest {
  return GRAMMAR.test(text)
}

/** The text as a digest; throws a PromotionError of kind `input` that quotes it when it is none. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new PromotionError('input', `"${cutText(text)}" is not a digest`, {
    hint: 'Write a digest as sha256: and 64 lower-case hexadecimal digits.',
  })
}

/** The digest of these bytes. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

/** The part behind the colon. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}
