import { NativeVerifier } from '../../src/verify/native-verifier.ts'

/** A verifier for policies of keys alone, which need no trusted root. */
export function offlineVerifier(): NativeVerifier {
  return new NativeVerifier()
}
