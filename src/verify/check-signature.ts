import type { KeyObject } from 'node:crypto'
import { type Bundle, bundleFromJSON, ValidationError } from '@sigstore/bundle'
import { toSignedEntity, VerificationError, Verifier } from '@sigstore/verify'
import type { JsonObject } from '../oci/descriptor.ts'

/**
 * Reads the JSON form of a Sigstore bundle (sigstore/protobuf-specs, sigstore_bundle.proto), without what the key policy does not ask for:
 * log entries and timestamps. Returns a sentence instead when it is malformed.
 */
export function readBundle(json: JsonObject): Bundle | string {
  try {
    return bundleFromJSON(json)
  } catch (error) {
    // The reader throws its own error for what is missing, and a TypeError for what has another type than the specification says.
    if (error instanceof ValidationError) return `malformed in ${error.fields.join(', ')}`
    if (error instanceof Error) return 'malformed'
    throw error
  }
}

/** Whether the bundle's signature over its envelope, or over `artifact`, is by this key; `undefined` when it is. */
export function checkSignature(
  bundle: Bundle,
  publicKey: KeyObject,
  artifact?: Uint8Array,
): string | undefined {
  const trust = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey, validFor: () => true }),
  }
  const verifier = new Verifier(trust, { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 })
  try {
    verifier.verify(toSignedEntity(bundle, artifact && Buffer.from(artifact)))
    return undefined
  } catch (error) {
    if (error instanceof VerificationError)
      return 'the signature is not by the key of the policy, or what it signs was changed'
    throw error
  }
}
