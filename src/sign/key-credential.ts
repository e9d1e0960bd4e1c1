import { createPublicKey, type KeyObject } from 'node:crypto'
import { keySigner } from '../policy/make-demand.ts'
import type { Evidence, TrustedSigner } from '../policy/trusted-signer.ts'
import type { Credential, CredentialSource } from './credential.ts'

/** A key that stands for itself, the same for all signatures. */
export class KeyCredential implements CredentialSource {
  readonly #credential: Credential

  /** `key` is private. */
  constructor(key: KeyObject) {
    this.#credential = { key, certificate: undefined }
  }

  async credential(): Promise<Credential> {
    return this.#credential
  }

  async identity(evidence: Evidence): Promise<TrustedSigner> {
    return { ...keySigner(createPublicKey(this.#credential.key)), ...evidence }
  }
}
