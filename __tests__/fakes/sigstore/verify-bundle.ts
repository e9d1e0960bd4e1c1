import type { Bundle } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier, type VerifierOptions } from '@sigstore/verify'

/** Verifies with Sigstore's own library against a trusted root; throws unless everything demanded holds. Returns whom it names. */
export function verifyBundle(bundle: Bundle, trustedRoot: string, demands: VerifierOptions = {}): string {
  const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(trustedRoot)))
  const { identity } = new Verifier(trust, demands).verify(toSignedEntity(bundle))
  return identity?.subjectAlternativeName ?? ''
}
