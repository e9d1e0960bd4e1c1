import { type KeyObject, sign } from 'node:crypto'
import { bundleToJSON } from '@sigstore/bundle'
import { DSSEBundleBuilder } from '@sigstore/sign'
import { STATEMENT_MEDIA_TYPE } from '../oci/signature-format.ts'
import { keyFingerprint } from '../oci/signing-key.ts'

/**
 * A Sigstore bundle v0.3 over an in-toto statement (sigstore/protobuf-specs, sigstore_bundle.proto), as bytes of JSON: a DSSE envelope
 * with one signature by the key, and no transparency log entry.
 */
export async function makeSignatureBundle(statement: Uint8Array, key: KeyObject): Promise<Uint8Array> {
  const signer = {
    // A hint given here would become the envelope's keyid, and cosign refuses envelopes that have one.
    sign: async (data: Buffer) => ({
      signature: sign('sha256', data, key),
      key: { $case: 'publicKey', publicKey: '' } as const,
    }),
  }
  const builder = new DSSEBundleBuilder({ signer, witnesses: [] })
  const bundle = await builder.create({ data: Buffer.from(statement), type: STATEMENT_MEDIA_TYPE })
  bundle.verificationMaterial.content = { $case: 'publicKey', publicKey: { hint: keyFingerprint(key) } }
  return Buffer.from(JSON.stringify(bundleToJSON(bundle)))
}
