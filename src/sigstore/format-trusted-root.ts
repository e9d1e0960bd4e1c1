import { TrustedRoot } from '@sigstore/protobuf-specs'

/** A trusted root as the JSON of its file (sigstore/protobuf-specs, sigstore_trustroot.proto). */
export function formatTrustedRoot(root: TrustedRoot): string {
  return JSON.stringify(TrustedRoot.toJSON(root))
}
