import { createPublicKey, sign } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { DSSEBundleBuilder, MessageSignatureBundleBuilder, type Signer, type Witness } from '@sigstore/sign'
import { STATEMENT_MEDIA_TYPE } from '../oci/signature-format.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { ServiceHttp } from './ask-service.ts'
import type { Credential } from './credential.ts'
import { RekorV1Witness } from './rekor-v1-witness.ts'
import { RekorV2Witness } from './rekor-v2-witness.ts'
import { TimestampWitness } from './timestamp-witness.ts'
import type { LogService, Witnesses } from './witness-plan.ts'

/** What is signed: an in-toto statement in a DSSE envelope, or bytes as they are. */
export interface Signed {
  readonly kind: 'statement' | 'bytes'
  readonly bytes: Uint8Array
}

/** Who is to see a signature, and how they are reached. */
export interface Witnessing {
  readonly witnesses: Witnesses
  readonly http: ServiceHttp
}

/** Signs, and shows the signature to its witnesses, all at the same time (sigstore/protobuf-specs, sigstore_bundle.proto). */
export async function makeBundle(
  signed: Signed,
  credential: Credential,
  witnessing: Witnessing | undefined,
): Promise<Bundle> {
  const signer = signerWith(credential)
  const witnesses = witnessing === undefined ? [] : makeWitnesses(witnessing)
  const builder =
    signed.kind === 'statement'
      ? new DSSEBundleBuilder({ signer, witnesses })
      : new MessageSignatureBundleBuilder({ signer, witnesses })
  const bundle = await builder.create({ data: Buffer.from(signed.bytes), type: STATEMENT_MEDIA_TYPE })
  if (credential.certificate === undefined) {
    const hint = keyFingerprint(credential.key)
    bundle.verificationMaterial.content = { $case: 'publicKey', publicKey: { hint } }
  }
  return bundle
}

/** A hint given here would become the envelope's keyid, and cosign refuses envelopes that have one. */
function signerWith({ key, certificate }: Credential): Signer {
  const material =
    certificate === undefined
      ? ({ $case: 'publicKey', publicKey: publicPemOf(key) } as const)
      : ({ $case: 'x509Certificate', certificate: certificate.pem } as const)
  return { sign: async (data) => ({ signature: sign('sha256', data, key), key: material }) }
}

function publicPemOf(key: Credential['key']): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

function makeWitnesses({ witnesses: { logs, timestamps }, http }: Witnessing): Witness[] {
  return [
    ...logs.map((log) => logWitness(log, http)),
    ...timestamps.map((authority) => new TimestampWitness(authority, http)),
  ]
}

function logWitness({ version, url }: LogService, http: ServiceHttp): Witness {
  return version === 1 ? new RekorV1Witness(url, http) : new RekorV2Witness(url, http)
}
