import type { Bundle } from '@sigstore/bundle'
import { DSSEBundleBuilder, FulcioSigner, RekorWitness, type Signer, TSAWitness } from '@sigstore/sign'
import type { PrivateSigstore } from './private-sigstore.ts'

export interface Witnesses {
  readonly rekor?: boolean
  readonly timestamp?: boolean
}

/** Signs a few bytes with Sigstore's own library, with Rekor v1 and a timestamp as asked; keyless unless a signer is given. */
export function signBundle(
  sigstore: PrivateSigstore,
  { rekor, timestamp }: Witnesses,
  signer: Signer = keylessSigner(sigstore),
): Promise<Bundle> {
  const { rekorUrl, timestampUrl } = sigstore
  const witnesses = [
    ...(rekor ? [new RekorWitness({ rekorBaseURL: rekorUrl, retry: 0 })] : []),
    ...(timestamp ? [new TSAWitness({ tsaBaseURL: timestampUrl, retry: 0 })] : []),
  ]
  const builder = new DSSEBundleBuilder({ signer, witnesses })
  return builder.create({ data: Buffer.from('signed'), type: 'text/plain' })
}

function keylessSigner(sigstore: PrivateSigstore): Signer {
  return new FulcioSigner({
    fulcioBaseURL: sigstore.fulcioUrl,
    identityProvider: { getToken: async () => sigstore.token() },
    retry: 0,
  })
}
