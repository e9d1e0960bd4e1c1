import { runAll } from '../concurrency.ts'
import { PromotionError } from '../errors.ts'
import { parseKeySource, refuseUnreachableKey } from '../inputs/parse-key-source.ts'
import type { WhatIsRequired } from '../inputs/settings.ts'
import { formatReference } from '../oci/reference.ts'
import { demanding, keySigner } from '../policy/make-demand.ts'
import type { Demand, VerificationPolicy } from '../policy/policy.ts'
import type { Evidence, TrustedSigner } from '../policy/trusted-signer.ts'
import type { SignerOf } from '../sign/sign-images.ts'
import type { ImageSigner } from '../sign/signer.ts'
import type { ImageProof, ImageTerms, ListedImage } from '../sources/source.ts'
import { readPublicKey } from './make-policy.ts'
import type { Signing } from './make-signers.ts'
import type { Toolbox } from './toolbox.ts'

/** What the inputs say, for images of which the list says nothing. */
export interface InputTerms {
  readonly signer: ImageSigner | undefined
  policy(): Promise<VerificationPolicy>
  /** Makes somebody who signs images. */
  makeSigner(signing: Signing): Promise<ImageSigner | undefined>
  warn(message: string, location: ListedImage['location']): void
}

/** Who signs which image and who must have signed it: as its list says, and otherwise as the inputs say. */
export class ListTerms {
  readonly #toolbox: Toolbox
  readonly #inputs: InputTerms
  readonly #signers = new Map<string, Promise<ImageSigner | undefined>>()
  readonly #signerOf = new Map<string, ImageSigner | undefined>()
  readonly #listed = new Map<string, Demand>()

  constructor(toolbox: Toolbox, inputs: InputTerms) {
    this.#toolbox = toolbox
    this.#inputs = inputs
  }

  readonly signerOf: SignerOf = (image) => {
    const name = formatReference(image.reference)
    return this.#signerOf.has(name) ? this.#signerOf.get(name) : this.#inputs.signer
  }

  /** The policy of the inputs, with what was heeded. */
  async policy(): Promise<VerificationPolicy> {
    const policy = await this.#inputs.policy()
    return this.#listed.size === 0 ? policy : { ...policy, listed: this.#listed }
  }

  /**
   * Takes in what the list says of these images. Throws PromotionErrors of kind `input`, each with its place, for keys that cannot be used
   * and for images of which nothing says who must have signed them.
   */
  async heed(images: readonly ListedImage[]): Promise<void> {
    const { verification, listSigning } = this.#toolbox.settings
    const { by } = verification
    const spoken = images.map((image) => ({ image })).filter(({ image: { terms } }) => terms || by === 'list')
    await runAll(spoken, async ({ image }) => {
      const { sign, verify } = image.terms ?? {}
      const name = formatReference(image.reference)
      // A run that only verifies asks for nobody's key.
      if (sign !== undefined && listSigning !== undefined) {
        this.#signerOf.set(name, await this.#makeSigner(sign))
      }
      const demand = await this.#demandOf(image, verify)
      if (demand !== undefined) this.#listed.set(name, demand)
    })
  }

  async #demandOf(image: ListedImage, proof: ImageProof | undefined): Promise<Demand | undefined> {
    const { verification, command } = this.#toolbox.settings
    if (command === 'sign') return undefined
    if (proof?.by === 'nobody') {
      this.#inputs.warn(
        `"${image.written}" is not verified: its list says that nobody need have signed it`,
        image.location,
      )
      return { by: 'nobody' }
    }
    if (proof !== undefined) return demanding(await this.#signerOfProof(proof), this.#required())
    const own = this.signerOf(image)
    // Whoever signs by the list's word is no stranger, even where the run itself signs the rest.
    const isOwn = verification.by === 'signer' && image.terms?.sign !== undefined && own !== undefined
    if (verification.by !== 'list' && !isOwn) return undefined
    if (own !== undefined) return demanding(await own.identity(), this.#required())
    throw new PromotionError('input', `Nothing says who must have signed "${image.written}"`, {
      hint: 'Let its service say `x-nerdctl-verify: cosign` and by whom, or `none`; or say it for all in the inputs.',
    })
  }

  /** What is required besides the signer; a policy file says it for its own repositories only. */
  #required(): Partial<WhatIsRequired> {
    const { verification } = this.#toolbox.settings
    return verification.by === 'nobody' || verification.by === 'policy' ? {} : verification
  }

  async #signerOfProof(proof: Exclude<ImageProof, { by: 'nobody' }>): Promise<TrustedSigner> {
    const { transparency } = this.#toolbox.settings
    const usual = proof.by === 'key' ? 'none' : 'rekor'
    const evidence: Evidence = {
      transparency: transparency === 'auto' ? usual : transparency,
      timestamp: this.#required().timestamp ?? 'none',
    }
    if (proof.by === 'certificate') return { name: undefined, workflow: {}, ...proof, ...evidence }
    const { environment } = this.#toolbox
    const place = parseKeySource(proof.publicKey, 'x-nerdctl-cosign-public-key', environment)
    return { ...keySigner(await readPublicKey(place, this.#toolbox)), ...evidence }
  }

  #makeSigner(sign: NonNullable<ImageTerms['sign']>): Promise<ImageSigner | undefined> {
    if (sign.by === 'nobody') return Promise.resolve(undefined)
    const key = sign.by === 'key' ? sign.key : ''
    const made = this.#signers.get(key) ?? this.#inputs.makeSigner(this.#signing(sign))
    this.#signers.set(key, made)
    return made
  }

  #signing(sign: NonNullable<ImageTerms['sign']>): Signing {
    const { listSigning, transparency } = this.#toolbox.settings
    if (listSigning === undefined)
      throw new PromotionError('internal', 'this list says nothing about signing')
    const { password, identityToken, ...work } = listSigning
    const signs = { images: true, promotions: false }
    const usual = sign.by === 'key' ? 'none' : 'where possible'
    const forms = { ...work, signs, transparency: transparency === 'auto' ? usual : transparency } as const
    if (sign.by !== 'key') return { by: 'keyless', ...forms, identityToken }
    const name = 'x-nerdctl-cosign-private-key'
    const key = parseKeySource(sign.key, name, this.#toolbox.environment)
    refuseUnreachableKey(key, name, work.signer)
    return { by: 'key', ...forms, key, password }
  }
}
