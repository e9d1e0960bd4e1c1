import { IMAGES_AT_A_TIME } from '../concurrency.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { formatReference } from '../oci/reference.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { TargetRepository } from '../registry/repository.ts'
import { attachBundle } from './attach-bundle.ts'
import type { SignatureMaker } from './signature-maker.ts'
import type { Claim, ImageAttester } from './signer.ts'
import { signingFailure } from './signing-failure.ts'
import { formatStatement } from './statement.ts'

/** Attests with the run's own key or certificate: a Sigstore bundle on the image, whatever the form of its signatures. */
export class NativeAttester implements ImageAttester {
  readonly atATime = IMAGES_AT_A_TIME
  readonly #maker: SignatureMaker

  constructor(maker: SignatureMaker) {
    this.#maker = maker
  }

  identity(): Promise<TrustedSigner> {
    return this.#maker.identity()
  }

  async attest(image: Descriptor, claim: Claim, repository: TargetRepository): Promise<void> {
    const { mediaType, digest, size } = image
    try {
      const bundle = await this.#maker.signStatement(formatStatement(digest, claim))
      await attachBundle(bundle, claim.predicateType, { mediaType, digest, size }, repository)
    } catch (thrown) {
      throw signingFailure(thrown, formatReference({ repository: repository.name, digest }))
    }
  }
}
