import { createHash } from 'node:crypto'
import { type Annotations, isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import { LAYER_ANNOTATIONS } from '../oci/signature-format.ts'
import { parsePem } from '../oci/signing-key.ts'
import type { OpenSignature } from './open-signature.ts'
import { readSigstoreBundle } from './read-sigstore-bundle.ts'

/** The oldest version holds log entries as a `.sig` layer does: with the log's promise, and without proof that the log has kept it. */
const VERSION_0_1 = 'application/vnd.dev.sigstore.bundle+json;version=0.1'

/** Takes one layer under a `.sig` tag apart, its payload's bytes and the annotations of its descriptor (cosign, specs/SIGNATURE_SPEC.md). */
export function openLayer(payload: Uint8Array, annotations: Annotations): OpenSignature | string {
  const messageDigest = {
    algorithm: 'SHA2_256',
    digest: createHash('sha256').update(payload).digest('base64'),
  }
  const signature = annotations[LAYER_ANNOTATIONS.signature] ?? ''
  return openAsBundle({ messageSignature: { messageDigest, signature } }, annotations, payload)
}

/**
 * What a layer holds as the Sigstore bundle that it would be: `content` is the bundle's own, and the annotations hold key or certificate
 * and the evidence.
 */
export function openAsBundle(
  content: JsonObject,
  annotations: Annotations,
  artifact?: Uint8Array,
): OpenSignature | string {
  const material = readMaterial(annotations)
  if (typeof material === 'string') {
    return { by: 'certificate', signed: material, evidence: { entries: material, timestamps: material } }
  }
  return readSigstoreBundle({ mediaType: VERSION_0_1, verificationMaterial: material, ...content }, artifact)
}

/** The layer's verification material in a bundle's words; what is malformed in its evidence is left for the bundle's reader to find. */
function readMaterial(annotations: Annotations): JsonObject | string {
  const { certificate, logEntry, timestamp } = LAYER_ANNOTATIONS
  const key = readKey(annotations[certificate])
  if (typeof key === 'string') return key
  return {
    ...key,
    ...(annotations[logEntry] && { tlogEntries: [readLogEntry(annotations[logEntry])] }),
    ...(annotations[timestamp] && {
      timestampVerificationData: { rfc3161Timestamps: [readTimestamp(annotations[timestamp])] },
    }),
  }
}

function readKey(pem: string | undefined): JsonObject | string {
  if (!pem) return { publicKey: { hint: '' } }
  const [block, ...others] = parsePem(pem)
  if (block?.label !== 'CERTIFICATE' || others.length > 0)
    return 'its certificate is not one certificate in PEM'
  return { certificate: { rawBytes: block.body.replaceAll(/\s/g, '') } }
}

/** cosign's record of an entry (cosign, pkg/cosign/bundle, RekorBundle) as a bundle's. */
function readLogEntry(text: string): JsonObject {
  const { SignedEntryTimestamp: signedEntryTimestamp, Payload: payload } = jsonOf(text)
  if (!isJsonObject(payload)) return {}
  const { body, integratedTime, logIndex, logID } = payload
  const { kind, apiVersion } = jsonOf(typeof body === 'string' ? Buffer.from(body, 'base64') : '')
  return {
    logIndex: numberOf(logIndex),
    logId: { keyId: Buffer.from(typeof logID === 'string' ? logID : '', 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: numberOf(integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    canonicalizedBody: body,
  }
}

/** cosign's record of a timestamp (cosign, pkg/cosign/bundle, RFC3161Timestamp) as a bundle's. */
function readTimestamp(text: string): JsonObject {
  return { signedTimestamp: jsonOf(text).SignedRFC3161Timestamp }
}

/** Numbers of 64 bits are text in a bundle's JSON. */
function numberOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : undefined
}

function jsonOf(text: string | Uint8Array): JsonObject {
  return readJson(Buffer.from(text)) ?? {}
}
