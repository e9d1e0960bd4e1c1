import { IMAGES_AT_A_TIME } from '../concurrency.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { SignatureFormat } from '../inputs/settings.ts'
import { attachedTag } from '../oci/attached-tag.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { originalName } from '../oci/layout-name.ts'
import { MANIFEST_LIMIT, type Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import { SIGNATURE_PREDICATE } from '../oci/signature-format.ts'
import { mergeLayers } from '../oci/signature-manifest.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { SignatureForm, SignatureVerifier } from '../verify/verifier.ts'
import { attachBundle } from './attach-bundle.ts'
import { missingForms } from './missing-forms.ts'
import { formatPayload } from './payload.ts'
import { pushBytes } from './push-bytes.ts'
import type { SignatureMaker } from './signature-maker.ts'
import type { ImageSigner } from './signer.ts'
import { signingFailure } from './signing-failure.ts'
import { formatStatement, SIGNATURE_CLAIM } from './statement.ts'

/** What a native signer works with. */
export interface NativeSignerOptions {
  readonly maker: SignatureMaker
  readonly annotations: Annotations
  readonly format: SignatureFormat
  readonly verifier: SignatureVerifier
}

/** Signs without any other program. */
export class NativeSigner implements ImageSigner {
  readonly annotations: Annotations
  readonly atATime = IMAGES_AT_A_TIME
  readonly #options: NativeSignerOptions

  constructor(options: NativeSignerOptions) {
    this.annotations = options.annotations
    this.#options = options
  }

  identity(): Promise<TrustedSigner> {
    return this.#options.maker.identity()
  }

  missing(
    graph: ImageGraph,
    repository: SourceRepository,
    signedName?: RepositoryName,
  ): Promise<readonly SignatureForm[]> {
    return missingForms(this, { ...this.#options, signedName }, graph, repository)
  }

  async *sign(
    graph: ImageGraph,
    repository: TargetRepository,
    signedName?: RepositoryName,
  ): AsyncGenerator<SignatureForm> {
    const forms = await this.missing(graph, repository, signedName)
    for (const form of forms) {
      await this.#write(form, graph.root, repository, signedName)
      yield form
    }
  }

  async #write(
    form: SignatureForm,
    image: Manifest,
    repository: TargetRepository,
    signedName = originalName(repository.name),
  ): Promise<void> {
    try {
      await (form === 'bundle'
        ? this.#attachBundle(image, repository)
        : this.#addLayer(image, repository, signedName))
    } catch (thrown) {
      const name = formatReference({ repository: repository.name, digest: image.descriptor.digest })
      throw signingFailure(thrown, `${name}, in the form "${form}",`)
    }
  }

  /** Adds a layer to the manifest under the `.sig` tag, whoever else has signed there. */
  async #addLayer(image: Manifest, repository: TargetRepository, signedName: RepositoryName): Promise<void> {
    const { digest } = image.descriptor
    const payload = formatPayload(digest, signedName, this.annotations)
    const annotations = await this.#options.maker.signPayload(payload)
    const layer = { ...(await pushBytes(repository, payload, MEDIA_TYPES.simpleSigning)), annotations }
    await repository.mergeTag(attachedTag(digest, 'sig'), async (current) => {
      const merged = await mergeLayers(current, { layers: [layer] }, (config) =>
        repository.readBlob(config, MANIFEST_LIMIT),
      )
      if (merged === undefined) return undefined
      await pushBytes(repository, merged.config, MEDIA_TYPES.ociConfig)
      return merged.manifest
    })
  }

  async #attachBundle({ descriptor }: Manifest, repository: TargetRepository): Promise<void> {
    const statement = formatStatement(descriptor.digest, SIGNATURE_CLAIM, this.annotations)
    const bundle = await this.#options.maker.signStatement(statement)
    await attachBundle(bundle, SIGNATURE_PREDICATE, descriptor, repository)
  }
}
