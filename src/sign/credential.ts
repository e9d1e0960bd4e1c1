import type { KeyObject } from 'node:crypto'
import type { Evidence, TrustedSigner } from '../policy/trusted-signer.ts'

/** What a signature is made with. */
export interface Credential {
  /** Private. */
  readonly key: KeyObject
  /** Says whose key it is; undefined for a key that stands for itself. */
  readonly certificate: IssuedCertificate | undefined
}

/** A certificate for a key that lives as long as the run. */
export interface IssuedCertificate {
  /** The certificate of the key, in PEM. */
  readonly pem: string
  /** Those of the authority behind it in PEM, one after the other, the root last. */
  readonly chain: string
}

/** Where the key of a signature comes from. */
export interface CredentialSource {
  /** What to sign with now. Throws a PromotionError of kind `signing`. */
  credential(): Promise<Credential>
  /** Who is seen to have signed, in signatures that carry this evidence. Throws a PromotionError of kind `signing`. */
  identity(evidence: Evidence): Promise<TrustedSigner>
}
