import { TrustedRoot } from '@sigstore/protobuf-specs'
import { NativeVerifier } from '../../src/verify/native-verifier.ts'
import type { PrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'

/** A verifier that trusts a private Sigstore. */
export function sigstoreVerifier({ trustedRoot }: PrivateSigstore): NativeVerifier {
  const root = TrustedRoot.fromJSON(JSON.parse(trustedRoot))
  return new NativeVerifier({ trustedRoot: async () => root })
}
