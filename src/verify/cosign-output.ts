import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { digestOf } from '../oci/digest.ts'
import { readJson } from '../oci/read-json.ts'

/** A signature under a `.sig` tag that cosign accepted, and what it says came with it. */
export interface AcceptedLayer {
  /** The payload as JSON; what cosign adds to it is left out. */
  readonly payload: Uint8Array
  readonly hasCertificate: boolean
  readonly hasTimestamp: boolean
}

const CERTIFICATE = 'Subject'
const TIMESTAMP = 'RFC3161Timestamp'
/** Those of an envelope (DSSE envelope, "Standard data structure"). */
const FIELDS = 'payload,payloadType,signatures'
/** What `cosign verify` writes among a payload's own annotations; it has several names for the same. */
const ADDED = /^(?:Subject|Issuer|Bundle|RFC3161Timestamp|githubWorkflow\w+|1\.3\.6\.1\.4\.1\.57264\.1\.\d+)$/

/** Reads what `cosign verify --output=json` prints of signatures under a `.sig` tag; what is no such list is empty. */
export function readAcceptedLayers(stdout: string): readonly AcceptedLayer[] {
  return readList(stdout)
    .filter(isJsonObject)
    .map(({ critical, optional }) => {
      const stated = isJsonObject(optional) ? optional : {}
      return {
        payload: Buffer.from(JSON.stringify({ critical, optional: withoutAdded(stated) })),
        hasCertificate: stated[CERTIFICATE] !== undefined,
        // An annotation of this name is a text.
        hasTimestamp: isJsonObject(stated[TIMESTAMP]),
      }
    })
}

/**
 * The DSSE envelopes that `cosign verify-attestation` prints, a line each, as names by which they are found again. Where a line is anything
 * else there are none: an envelope that was written over several lines can hold another one, which cosign has not verified, as one of them.
 */
export function readAcceptedEnvelopes(stdout: string): ReadonlySet<string> {
  const lines = stdout.split('\n').filter((line) => line !== '')
  const envelopes = lines.map((line) => ({ line, envelope: readJson(line) }))
  if (!envelopes.every(({ envelope }) => isPlainEnvelope(envelope))) return new Set()
  return new Set(
    envelopes.flatMap(({ line, envelope }) => [digestOf(Buffer.from(line)), nameOfEnvelope(envelope)]),
  )
}

/** Whether it is an envelope with these fields and no other: cosign reads a name in capitals as well, and would verify what is not judged here. */
export function isPlainEnvelope(envelope: unknown): envelope is JsonObject {
  return isJsonObject(envelope) && Object.keys(envelope).toSorted().join() === FIELDS
}

/** What tells an envelope from every other, however its JSON is written: its payload and its signatures. */
export function nameOfEnvelope(envelope: unknown): string {
  if (!isJsonObject(envelope)) return ''
  const { payloadType, payload, signatures } = envelope
  const list: readonly unknown[] = Array.isArray(signatures) ? signatures : []
  return JSON.stringify([payloadType, payload, list.map((one) => (isJsonObject(one) ? one.sig : undefined))])
}

function readList(stdout: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(stdout)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

function withoutAdded(stated: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(stated).filter(([name]) => !ADDED.test(name)))
}
