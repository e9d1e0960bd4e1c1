import type { TrustedRoot } from '@sigstore/protobuf-specs'
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify'

/** Trusts nobody: enough for keys whose signatures need no evidence. */
const NOBODY: TrustMaterial = {
  certificateAuthorities: [],
  timestampAuthorities: [],
  tlogs: [],
  ctlogs: [],
  publicKey: () => {
    throw new Error('no key was asked for')
  },
}

/** A trusted root in the form that the library judges by; without one nobody is trusted. */
export function makeTrust(root: TrustedRoot | undefined): TrustMaterial {
  return root === undefined ? NOBODY : toTrustMaterial(root, NOBODY.publicKey)
}
