import { keyFingerprint } from '../oci/signing-key.ts'
import type { TextMatch } from '../policy/text-match.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'

/** How a signer of the policy is called: by the name that the policy file gives, or by what identifies it. */
export function nameOfSigner(signer: TrustedSigner): string {
  if (signer.name !== undefined) return signer.name
  if (signer.by === 'key') return nameOfKey(signer.publicKey)
  return `${inWords(signer.identity)} (issuer ${inWords(signer.issuer)})`
}

/** How a key is called in reports. */
export function nameOfKey(key: Parameters<typeof keyFingerprint>[0]): string {
  return `the key sha256:${keyFingerprint(key)}`
}

function inWords({ kind, text }: TextMatch): string {
  return kind === 'exact' ? text : `anyone matching ${text}`
}
