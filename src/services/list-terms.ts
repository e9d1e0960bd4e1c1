import { runAll } from '../concurrency.ts'
import type { Environment } from '../cosign/run-cosign.ts'
import { PromotionError } from '../errors.ts'
import { loggingFor } from '../inputs/logging-for.ts'
import { parseKeySource, refuseUnreachableKey } from '../inputs/parse-key-source.ts'
import type { KeySource, RemoteKey, WhatIsRequired } from '../inputs/settings.ts'
import { formatReference } from '../oci/reference.ts'
import { demandAt } from '../policy/demand-at.ts'
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
    const spoken = images.filter(({ terms, isSelfNamed }) => terms || isSelfNamed || by === 'list')
    const heedOne = async (image: ListedImage) => {
      const { sign, verify } = image.terms ?? {}
      // A run that only verifies asks for nobody's key.
      if (sign !== undefined && listSigning !== undefined) {
        if (sign.by === 'keyless') this.#tellKeyless(image)
        this.#signerOf.set(formatReference(image.reference), await this.#makeSigner(sign))
      }
      return await this.#demandOf(image, verify)
    }
    const demands = await runAll(spoken, heedOne, ({ location }) => location)
    for (const [index, { reference }] of spoken.entries()) {
      const demand = demands[index]
      if (demand !== undefined) this.#listed.set(formatReference(reference), demand)
    }
  }

  /** A key that is given is for services that do not say who signs. */
  #tellKeyless({ written, location }: ListedImage): void {
    if (this.#toolbox.settings.signing.by !== 'key') return
    const message = `"${written}" is signed keyless, whatever \`key\` says: its service says \`x-nerdctl-sign: cosign\` and names no key`
    this.#inputs.warn(message, location)
  }

  async #demandOf(image: ListedImage, proof: ImageProof | undefined): Promise<Demand | undefined> {
    const { verification, command } = this.#toolbox.settings
    if (command === 'sign') return undefined
    if (image.isSelfNamed) await this.#requireSigned(image)
    if (proof !== undefined) this.#refuseSecondPolicy(image)
    if (proof?.by === 'nobody') {
      const message = `"${image.written}" is not verified: its list says that nobody need have signed it`
      this.#inputs.warn(message, image.location)
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

  /** Who writes a list need not be who decides what is promoted: it neither waives a policy nor names other signers. */
  #refuseSecondPolicy({ written }: ListedImage): void {
    const { by } = this.#toolbox.settings.verification
    if (by !== 'key' && by !== 'certificate' && by !== 'policy') return
    const message = `The list says of "${written}" who must have signed it, and so do the inputs for every image`
    throw new PromotionError('input', message, {
      hint: 'Say it in one place: leave `x-nerdctl-verify` out, or `public-key`, `certificate-…` and `policy`.',
    })
  }

  /** Whoever makes an archive chooses the names in it: none of them may be one that the policy lets pass. */
  async #requireSigned({ reference, written }: ListedImage): Promise<void> {
    const policy = await this.#inputs.policy()
    if (policy.file === undefined || demandAt(policy, reference).by !== 'nobody') return
    const message = `${policy.file} lets "${written}" pass unsigned, and only the archive says that the image has this name`
    throw new PromotionError('input', message, {
      hint: 'Name the image yourself in `images` or `lock`, by its digest, if that is the one that you mean.',
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
    const place = parseListedKey(proof.publicKey, 'x-nerdctl-cosign-public-key', environment)
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
    const by = sign.by === 'key' ? 'key' : 'keyless'
    const forms = { ...work, signs, transparency: loggingFor(by, transparency) }
    if (sign.by !== 'key') return { by: 'keyless', ...forms, identityToken }
    const name = 'x-nerdctl-cosign-private-key'
    const key = parseListedKey(sign.key, name, this.#toolbox.environment)
    refuseUnreachableKey(key, name, work.signer)
    return { by: 'key', ...forms, key, password }
  }
}

/** A list chooses a key, and no program: cosign loads what such a URI names as a module (RFC 7512, section 2.4). */
function parseListedKey(text: string, field: string, environment: Environment): KeySource | RemoteKey {
  if (!/[?;&]module-(?:path|name)=/i.test(text)) return parseKeySource(text, field, environment)
  throw new PromotionError('input', `\`${field}\` is a URI that names a module to load`, {
    hint: 'Leave it out, and tell cosign by the environment, such as COSIGN_PKCS11_MODULE_PATH.',
  })
}
