import { type AtomicSignature, makeAtomicSignature } from '../../src/oci/atomic-signature.ts'
import type { Digest } from '../../src/oci/digest.ts'

/** Stands for a GPG signature of a manifest: what is kept is never opened by this program. */
export function buildAtomicSignature(subject: Digest, signer = 'a release engineer'): AtomicSignature {
  return makeAtomicSignature(subject, {
    schemaVersion: 2,
    name: `${subject}@0123456789abcdef0123456789abcdef`,
    type: 'atomic',
    content: Buffer.from(`${signer} has signed ${subject}`).toString('base64'),
  })
}

/** The same as registries write it. */
export function atomicSignatureJson(signature: AtomicSignature): unknown {
  const { schemaVersion, name, type, content } = signature
  return { schemaVersion, name, type, content }
}
