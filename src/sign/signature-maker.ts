import type { Annotations } from '../oci/descriptor.ts'
import type { Evidence, TrustedSigner } from '../policy/trusted-signer.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import type { ServiceHttp } from './ask-service.ts'
import type { CredentialSource } from './credential.ts'
import type { Witnessing } from './make-bundle.ts'
import type { WitnessPlan } from './witness-plan.ts'

/** Who is shown the signatures of each form, and how they are reached. */
export interface Witnessed {
  readonly plan: WitnessPlan
  readonly http: ServiceHttp
}

const NO_EVIDENCE: Evidence = { transparency: 'none', timestamp: 'none' }

/** Makes the signatures of a run, in memory and with what its witnesses say; it writes them nowhere. */
export class SignatureMaker {
  readonly #credentials: CredentialSource
  readonly #witnessed: Witnessed | undefined

  /** Without witnesses it speaks to nobody but the source of its credentials. */
  constructor(credentials: CredentialSource, witnessed?: Witnessed) {
    this.#credentials = credentials
    this.#witnessed = witnessed
  }

  /** Who its signatures are by, with the evidence that they carry. Throws a PromotionError of kind `signing`. */
  identity(): Promise<TrustedSigner> {
    return this.#credentials.identity(this.#witnessed?.plan.evidence ?? NO_EVIDENCE)
  }

  /** A Sigstore bundle v0.3 over an in-toto statement, as bytes of JSON. */
  async signStatement(bytes: Uint8Array): Promise<Uint8Array> {
    // Loaded when it is needed: Sigstore's signer is larger than all the rest.
    const [{ makeBundle }, { formatBundle }] = await Promise.all([
      import('./make-bundle.ts'),
      import('./format-bundle.ts'),
    ])
    const credential = await this.#credentials.credential()
    const bundle = await makeBundle({ kind: 'statement', bytes }, credential, this.#witnessing('bundle'))
    return formatBundle(bundle)
  }

  /** The annotations that make a layer with these bytes a signature under a `.sig` tag. */
  async signPayload(bytes: Uint8Array): Promise<Annotations> {
    const [{ makeBundle }, { layerAnnotations }] = await Promise.all([
      import('./make-bundle.ts'),
      import('./layer-annotations.ts'),
    ])
    const credential = await this.#credentials.credential()
    const bundle = await makeBundle({ kind: 'bytes', bytes }, credential, this.#witnessing('tag'))
    return layerAnnotations(bundle, credential.certificate)
  }

  #witnessing(form: SignatureForm): Witnessing | undefined {
    return this.#witnessed && { witnesses: this.#witnessed.plan[form], http: this.#witnessed.http }
  }
}
