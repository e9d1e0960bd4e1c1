import type { SignatureBundle } from '@sigstore/sign'
import { PromotionError } from '../errors.ts'

/** The bytes of the one signature that was just made. */
export function signatureOf(content: SignatureBundle): Buffer {
  if (content.$case === 'messageSignature') return content.messageSignature.signature
  const [signature] = content.dsseEnvelope.signatures
  if (signature === undefined)
    throw new PromotionError('internal', 'An envelope was made without a signature')
  return signature.sig
}
