import type { Annotations } from '../oci/descriptor.ts'
import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts'
import { SIGNATURE_PREDICATE, STATEMENT_TYPE } from '../oci/signature-format.ts'

/** The in-toto statement by which cosign 3 signs an image (in-toto attestation framework, "Statement"), as bytes of JSON. */
export function formatStatement(digest: Digest, annotations: Annotations): Uint8Array {
  const subject = {
    digest: { [algorithmOf(digest)]: hexOf(digest) },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [subject],
    predicateType: SIGNATURE_PREDICATE,
    predicate: {},
  }
  return Buffer.from(JSON.stringify(statement))
}
