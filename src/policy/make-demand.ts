import type { KeyObject } from 'node:crypto'
import type { WhatIsRequired } from '../inputs/settings.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { EVERY_REPOSITORY } from './demand-for.ts'
import type { Demand, SignedDemand, VerificationPolicy } from './policy.ts'
import type { KeySigner, TrustedSigner } from './trusted-signer.ts'

/** The policy that demands the same of every image, as inputs do. */
export function forEveryImage(demand: Demand): VerificationPolicy {
  return { rules: [{ repository: EVERY_REPOSITORY, demand }], file: undefined }
}

/** One signature by this signer that states all these annotations. */
export function signedBy(signer: TrustedSigner, requireAnnotations: Annotations = {}): SignedDemand {
  const signature = { of: 'any', signers: [signer] } as const
  return { by: 'signers', signature, requireAnnotations, attestations: [] }
}

/** The same with whatever else is required of it; attestations have to be by the same signer. */
export function demanding(
  signer: TrustedSigner,
  {
    requireAnnotations = {},
    requireAttestations = [],
  }: Partial<Pick<WhatIsRequired, 'requireAnnotations' | 'requireAttestations'>>,
): SignedDemand {
  const demand = signedBy(signer, requireAnnotations)
  const by = { of: 'any', signers: [signer] } as const
  return { ...demand, attestations: requireAttestations.map((predicateType) => ({ predicateType, by })) }
}

/** Whoever holds the private half, and no evidence besides. */
export function keySigner(publicKey: KeyObject): KeySigner {
  return { by: 'key', name: undefined, publicKey, transparency: 'none', timestamp: 'none' }
}
