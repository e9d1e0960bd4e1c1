import { type Bundle, bundleFromJSON, ValidationError } from '@sigstore/bundle'
import { type SignedEntity, toSignedEntity } from '@sigstore/verify'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import type { LogEntries, OpenSignature, Signed, SignedContent, Timestamps } from './open-signature.ts'
import { readTime } from './read-time.ts'

/** More entries, or timestamps, than any signature has; each costs the verifying of signatures. */
const EVIDENCE_LIMIT = 32

/** Characters, and lines, beyond any checkpoint that a log writes: each line may be a signature, which is decoded before one is verified. */
const CHECKPOINT_LIMIT = 16 * 1024
const CHECKPOINT_LINES = 32

/** Where a bundle holds its evidence (sigstore/protobuf-specs, sigstore_bundle.proto, VerificationMaterial). */
const ENTRIES = 'tlogEntries'
const TIMESTAMPS = 'timestampVerificationData'

/**
 * Takes the JSON form of a Sigstore bundle apart (sigstore/protobuf-specs, sigstore_bundle.proto); `artifact` is what is signed where the
 * bundle does not hold it. Evidence is read by itself: what is malformed in it counts only where it is asked for.
 */
export function readSigstoreBundle(json: JsonObject, artifact?: Uint8Array): OpenSignature | string {
  const { verificationMaterial: material } = json
  if (!isJsonObject(material)) return 'the Sigstore bundle has no verification material'
  const by = kindOf(material)
  if (by === undefined) return 'the Sigstore bundle does not say that a key or a certificate made it'
  return {
    by,
    signed: readSigned(json, by, artifact),
    evidence: { entries: readEntries(json, artifact), timestamps: readTimestamps(json, artifact) },
  }
}

/** A certificate comes first: beside a key, it would be for the reader to choose by which of them the bundle is judged. */
function kindOf(material: JsonObject): OpenSignature['by'] | undefined {
  if (material.certificate != null || material.x509CertificateChain != null) return 'certificate'
  return isJsonObject(material.publicKey) ? 'key' : undefined
}

function readSigned(json: JsonObject, by: OpenSignature['by'], artifact?: Uint8Array): Signed | string {
  const read = readWith(json, [], artifact)
  if (typeof read === 'string') return `it is ${read}`
  const { bundle, entity } = read
  const { content: material } = bundle.verificationMaterial
  const certificate = material.$case === 'certificate' ? material.certificate.rawBytes : undefined
  if ((by === 'certificate') !== (certificate !== undefined)) {
    return 'it names more than one key or certificate'
  }
  return { entity, certificate, content: contentOf(bundle, artifact) }
}

function contentOf({ content }: Bundle, artifact: Uint8Array = new Uint8Array()): SignedContent {
  if (content.$case === 'messageSignature') return { kind: 'payload', bytes: artifact }
  const { payloadType, payload } = content.dsseEnvelope
  return { kind: 'statement', payloadType, bytes: payload }
}

function readEntries(json: JsonObject, artifact?: Uint8Array): LogEntries | string {
  const read = readWith(json, [ENTRIES], artifact)
  if (typeof read === 'string') return read
  const { tlogEntries: all, timestamps } = read.entity
  if (all.length > EVIDENCE_LIMIT) return tooMany(all.length)
  if (all.some(({ inclusionProof }) => isTooLarge(inclusionProof?.checkpoint?.envelope ?? '')))
    return 'larger than any log writes'
  // A time that the log has not signed proves nothing.
  const times = timestamps.filter(
    (time) => time.$case === 'transparency-log' && time.tlogEntry.inclusionPromise !== undefined,
  )
  return { all, times }
}

function readTimestamps(json: JsonObject, artifact?: Uint8Array): Timestamps | string {
  const read = readWith(json, [TIMESTAMPS], artifact)
  if (typeof read === 'string') return read
  const { timestamps } = read.entity
  return timestamps.length > EVIDENCE_LIMIT ? tooMany(timestamps.length) : timestamps
}

/** The bundle with these kinds of evidence and no other, or how it is malformed. */
function readWith(
  json: JsonObject,
  evidence: readonly string[],
  artifact: Uint8Array = new Uint8Array(),
): { readonly bundle: Bundle; readonly entity: SignedEntity } | string {
  try {
    const bundle = bundleFromJSON(withEvidence(json, evidence))
    const entity = toSignedEntity(bundle, Buffer.from(artifact))
    return { bundle, entity: { ...entity, timestamps: entity.timestamps.map(readTime) } }
  } catch (error) {
    // The reader throws its own error for what is missing, and errors of all kinds for what is not as the specifications say.
    if (error instanceof ValidationError) return `malformed in ${error.fields.join(', ')}`
    if (error instanceof Error) return 'malformed'
    throw error
  }
}

function withEvidence({ verificationMaterial, ...rest }: JsonObject, wanted: readonly string[]): JsonObject {
  const material = isJsonObject(verificationMaterial) ? verificationMaterial : {}
  const kept = Object.entries(material).filter(
    ([name]) => (name !== ENTRIES && name !== TIMESTAMPS) || wanted.includes(name),
  )
  return { ...rest, verificationMaterial: Object.fromEntries(kept) }
}

function tooMany(number: number): string {
  return `${number} in number, more than the ${EVIDENCE_LIMIT} that are judged`
}

function isTooLarge(checkpoint: string): boolean {
  return checkpoint.length > CHECKPOINT_LIMIT || checkpoint.trimEnd().split('\n').length > CHECKPOINT_LINES
}
