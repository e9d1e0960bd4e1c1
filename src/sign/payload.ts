import type { Annotations } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { PAYLOAD_TYPE } from '../oci/signature-format.ts'

/** What a signature under the `.sig` tag is made over (cosign, specs/SIGNATURE_SPEC.md, "Payloads"), as bytes of JSON. */
export function formatPayload(
  digest: Digest,
  repository: RepositoryName,
  annotations: Annotations,
): Uint8Array {
  const payload = {
    critical: {
      identity: { 'docker-reference': formatRepository(repository) },
      image: { 'docker-manifest-digest': digest },
      type: PAYLOAD_TYPE,
    },
    optional: Object.keys(annotations).length > 0 ? annotations : null,
  }
  return Buffer.from(JSON.stringify(payload))
}
