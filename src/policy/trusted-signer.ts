import type { KeyObject } from 'node:crypto'
import type { TextMatch } from './text-match.ts'

/** Somebody whose signatures count. */
export type TrustedSigner = KeySigner | CertificateSigner

/** What has to come with a signature of this signer, besides the signature. */
export interface Evidence {
  /** An entry in a transparency log of the trusted root. */
  readonly transparency: 'none' | 'rekor'
  /** A time by a timestamp authority of the trusted root (RFC 3161); with a certificate some proof of time is always needed. */
  readonly timestamp: 'none' | 'required'
}

/** Whoever holds the private half of a key. */
export interface KeySigner extends Evidence {
  readonly by: 'key'
  /** How a policy file calls it; undefined when the inputs name it. */
  readonly name: string | undefined
  readonly publicKey: KeyObject
}

/** Whoever proved an identity to an issuer that the certificate authority of the trusted root trusts ("keyless"). */
export interface CertificateSigner extends Evidence {
  readonly by: 'certificate'
  /** How a policy file calls it; undefined when the inputs name it. */
  readonly name: string | undefined
  /** The certificate's subject alternative name: a URI or an e-mail address. */
  readonly identity: TextMatch
  /** The URL of the OpenID Connect issuer. */
  readonly issuer: TextMatch
  /** What the certificate must say of the workflow, in full; what is left out may be anything. */
  readonly workflow: WorkflowClaims
}

/** Claims of a GitHub workflow that Fulcio writes into a certificate (1.3.6.1.4.1.57264.1.2 to .6), by cosign's names. */
export interface WorkflowClaims {
  readonly trigger?: string
  readonly sha?: string
  readonly name?: string
  readonly repository?: string
  readonly ref?: string
}
