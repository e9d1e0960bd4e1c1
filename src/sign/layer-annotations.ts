import type { Bundle } from '@sigstore/bundle'
import type { Annotations } from '../oci/descriptor.ts'
import { LAYER_ANNOTATIONS } from '../oci/signature-format.ts'
import type { IssuedCertificate } from './credential.ts'
import { signatureOf } from './signature-of.ts'

/**
 * What a bundle over bytes holds, as annotations of a layer under a `.sig` tag (cosign, specs/SIGNATURE_SPEC.md, "Storage"). There is room for
 * one log entry and one timestamp.
 */
export function layerAnnotations(
  { content, verificationMaterial }: Bundle,
  certificate: IssuedCertificate | undefined,
): Annotations {
  const { tlogEntries, timestampVerificationData } = verificationMaterial
  const [entry] = tlogEntries
  const [timestamp] = timestampVerificationData?.rfc3161Timestamps ?? []
  return {
    [LAYER_ANNOTATIONS.signature]: signatureOf(content).toString('base64'),
    ...(certificate && {
      [LAYER_ANNOTATIONS.certificate]: certificate.pem,
      [LAYER_ANNOTATIONS.chain]: certificate.chain,
    }),
    ...(entry && { [LAYER_ANNOTATIONS.logEntry]: formatEntry(entry) }),
    ...(timestamp && { [LAYER_ANNOTATIONS.timestamp]: formatTimestamp(timestamp.signedTimestamp) }),
  }
}

function formatEntry(entry: Bundle['verificationMaterial']['tlogEntries'][number]): string {
  return JSON.stringify({
    SignedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp.toString('base64'),
    Payload: {
      body: entry.canonicalizedBody.toString('base64'),
      integratedTime: Number(entry.integratedTime),
      logIndex: Number(entry.logIndex),
      logID: entry.logId.keyId.toString('hex'),
    },
  })
}

function formatTimestamp(response: Buffer): string {
  return JSON.stringify({ SignedRFC3161Timestamp: response.toString('base64') })
}
