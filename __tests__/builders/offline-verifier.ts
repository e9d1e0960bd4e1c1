import { NativeVerifier } from '../../src/verify/native-verifier.ts'

/** A verifier for policies of keys alone: asked for a trusted root, it fails. */
export function offlineVerifier(): NativeVerifier {
  return new NativeVerifier({ trustedRoot: () => Promise.reject(new Error('a key needs no trusted root')) })
}
