import type { Annotations, JsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import { openAsBundle } from './open-layer.ts'
import type { OpenSignature, Timestamps } from './open-signature.ts'

/** More signatures than anybody puts under one statement. */
const SIGNATURES_LIMIT = 32

/**
 * Takes one layer under an `.att` tag apart, a DSSE envelope and the annotations of its descriptor (cosign, specs/ATTESTATION_SPEC.md):
 * each signature of the envelope by itself, because any one of them makes it valid (DSSE protocol, "Verify").
 */
export function openEnvelope(
  bytes: Uint8Array,
  annotations: Annotations,
): readonly (OpenSignature | string)[] {
  const envelope = readJson(bytes)
  if (envelope === undefined) return ['the DSSE envelope is not a JSON object']
  const { signatures } = envelope
  const list: readonly unknown[] = Array.isArray(signatures) ? signatures : []
  if (list.length === 0) return ['the DSSE envelope has no signature']
  if (list.length > SIGNATURES_LIMIT) {
    return [
      `the DSSE envelope has ${list.length} signatures, more than the ${SIGNATURES_LIMIT} that are judged`,
    ]
  }
  return list.map((signature) => openOne({ ...envelope, signatures: [signature] }, annotations, bytes))
}

function openOne(
  dsseEnvelope: JsonObject,
  annotations: Annotations,
  bytes: Uint8Array,
): OpenSignature | string {
  const open = openAsBundle({ dsseEnvelope }, annotations)
  if (typeof open === 'string') return open
  const { timestamps } = open.evidence
  if (typeof timestamps === 'string') return open
  return { ...open, evidence: { ...open.evidence, timestamps: timestamps.map((time) => over(bytes, time)) } }
}

/** The timestamp, which cosign 3 has made over the signature, and cosign had made over the envelope as a whole before. */
function over(envelope: Uint8Array, time: Timestamps[number]): Timestamps[number] {
  if (time.$case !== 'timestamp-authority') return time
  const { timestamp } = time
  const verify: typeof timestamp.verify = (signature, key) => {
    try {
      timestamp.verify(signature, key)
    } catch {
      timestamp.verify(Buffer.from(envelope), key)
    }
  }
  const either: typeof timestamp = Object.create(timestamp, { verify: { value: verify } })
  return { ...time, timestamp: either }
}
