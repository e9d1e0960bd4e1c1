import { cutText } from '../oci/cut-text.ts'
import { quoteValue } from '../oci/quote-value.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { FoundSignature } from './found-signature.ts'
import { nameOfSigner } from './name-of-signer.ts'
import type { SignatureVerdict } from './verifier.ts'

const LONGEST_QUOTE = 200

/** What was found out about one signature or attestation: the part of its verdict that does not say where it was found. */
export interface Judgement
  extends Pick<SignatureVerdict, 'counts' | 'reason' | 'annotations' | 'predicateType' | 'signedName'> {
  /** The signers of the demand for whom it counts. */
  readonly by: readonly TrustedSigner[]
  /** Who has signed: the same text for the same key or identity. Empty when it does not count. */
  readonly who: string
}

/** What does not count, for one reason. */
export function refused(reason: string, stated: Partial<Judgement> = {}): Judgement {
  return { annotations: {}, predicateType: undefined, ...stated, counts: false, reason, by: [], who: '' }
}

/** A judgement, with where the signature was found. */
export function asVerdict(
  { form, manifest }: FoundSignature,
  { by, who: _, ...judgement }: Judgement,
): SignatureVerdict {
  return { form, manifest, ...judgement, signers: by.map(nameOfSigner) }
}

/** A value that somebody else wrote, as JSON and not at full length. */
export function quote(value: unknown): string {
  return cutText(toJson(value) ?? 'nothing', LONGEST_QUOTE)
}

/** What is nested too deeply can be read and not be written; it is called by what it is. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return quoteValue(value)
  }
}
