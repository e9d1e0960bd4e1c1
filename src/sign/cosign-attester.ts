import { COSIGNS_AT_A_TIME } from '../cosign/cosign-program.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { TargetRepository } from '../registry/repository.ts'
import { CosignSigning, type CosignSigningOptions } from './cosign-signing.ts'
import type { Claim, ImageAttester } from './signer.ts'

/** Attests through the cosign binary: one process a statement, which becomes a Sigstore bundle on the image. */
export class CosignAttester implements ImageAttester {
  readonly atATime = COSIGNS_AT_A_TIME
  readonly #signing: CosignSigning

  constructor(options: CosignSigningOptions) {
    this.#signing = new CosignSigning(options)
  }

  identity(): Promise<TrustedSigner> {
    return this.#signing.identity()
  }

  async attest(
    image: Descriptor,
    { predicateType, predicate }: Claim,
    repository: TargetRepository,
  ): Promise<void> {
    const flags = [`--type=${predicateType}`]
    const files = { predicate: JSON.stringify(predicate) }
    await this.#signing.run({ name: 'attest', form: 'bundle', flags, files }, image.digest, repository)
  }
}
