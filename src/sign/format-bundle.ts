import { type Bundle, bundleToJSON } from '@sigstore/bundle'

/** A Sigstore bundle as bytes of JSON (sigstore/protobuf-specs, sigstore_bundle.proto, in the JSON form of protocol buffers). */
export function formatBundle(bundle: Bundle): Uint8Array {
  return Buffer.from(JSON.stringify(bundleToJSON(bundle)))
}
