import type { Annotations } from '../oci/descriptor.ts'
import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts'
import { SIGNATURE_PREDICATE, STATEMENT_TYPE } from '../oci/signature-format.ts'
import type { Claim } from './signer.ts'

/** The claim by which cosign 3 signs an image: what it says is that somebody signed. */
export const SIGNATURE_CLAIM: Claim = { predicateType: SIGNATURE_PREDICATE, predicate: {} }

/**
 * An in-toto statement about an image (in-toto attestation framework, "Statement"), as bytes of JSON. Annotations are those of a signature:
 * cosign looks for them beside the digest.
 */
export function formatStatement(
  digest: Digest,
  { predicateType, predicate }: Claim,
  annotations: Annotations = {},
): Uint8Array {
  const subject = {
    digest: { [algorithmOf(digest)]: hexOf(digest) },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
  return Buffer.from(JSON.stringify({ _type: STATEMENT_TYPE, subject: [subject], predicateType, predicate }))
}
