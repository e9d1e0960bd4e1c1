import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { IMAGES_AT_A_TIME } from '../concurrency.ts'
import { PromotionError } from '../errors.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { SignatureFormat } from '../inputs/settings.ts'
import { attachedTag } from '../oci/attached-tag.ts'
import type { Annotations, Descriptor } from '../oci/descriptor.ts'
import { digestOf } from '../oci/digest.ts'
import { MANIFEST_LIMIT, type Manifest, makeImageManifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { formatReference } from '../oci/reference.ts'
import { LAYER_ANNOTATIONS, SIGNATURE_PREDICATE } from '../oci/signature-format.ts'
import { mergeLayers } from '../oci/signature-manifest.ts'
import { keySigner } from '../policy/make-demand.ts'
import type { KeySigner } from '../policy/trusted-signer.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { SignatureForm, SignatureVerifier } from '../verify/verifier.ts'
import { missingForms } from './missing-forms.ts'
import { formatPayload } from './payload.ts'
import type { ImageSigner } from './signer.ts'
import { formatStatement } from './statement.ts'

const EMPTY_CONFIG = Buffer.from('{}')

/** What a native signer works with. */
export interface NativeSignerOptions {
  /** Private. */
  readonly key: KeyObject
  readonly annotations: Annotations
  readonly format: SignatureFormat
  readonly verifier: SignatureVerifier
}

/** Signs with a key in memory. It speaks to nobody but the image's own repository: no transparency log, no timestamp authority. */
export class NativeSigner implements ImageSigner {
  readonly annotations: Annotations
  readonly atATime = IMAGES_AT_A_TIME
  readonly #options: NativeSignerOptions
  readonly #signer: KeySigner

  constructor(options: NativeSignerOptions) {
    this.#signer = keySigner(createPublicKey(options.key))
    this.annotations = options.annotations
    this.#options = options
  }

  async identity(): Promise<KeySigner> {
    return this.#signer
  }

  missing(graph: ImageGraph, repository: SourceRepository): Promise<readonly SignatureForm[]> {
    const { format, verifier } = this.#options
    const intent = { signer: this.#signer, annotations: this.annotations, format, verifier }
    return missingForms(intent, graph, repository)
  }

  async *sign(graph: ImageGraph, repository: TargetRepository): AsyncGenerator<SignatureForm> {
    const forms = await this.missing(graph, repository)
    for (const form of forms) {
      await this.#write(form, graph.root, repository)
      yield form
    }
  }

  async #write(form: SignatureForm, image: Manifest, repository: TargetRepository): Promise<void> {
    try {
      await (form === 'bundle' ? this.#attachBundle(image, repository) : this.#addLayer(image, repository))
    } catch (cause) {
      // What a registry refused is the registry's error, with its own words.
      if (cause instanceof PromotionError) throw cause
      const { digest } = image.descriptor
      const name = formatReference({ repository: repository.name, digest })
      throw new PromotionError('signing', `${name} could not be signed in the form "${form}"`, {
        cause,
        hint: 'The key was read but did not sign: check it with cosign sign --key.',
      })
    }
  }

  /** Adds a layer to the manifest under the `.sig` tag, whoever else has signed there. */
  async #addLayer(image: Manifest, repository: TargetRepository): Promise<void> {
    const { digest } = image.descriptor
    const payload = formatPayload(digest, repository.name, this.annotations)
    const signature = sign('sha256', payload, this.#options.key).toString('base64')
    const blob = await pushBytes(repository, payload, MEDIA_TYPES.simpleSigning)
    const layer = { ...blob, annotations: { [LAYER_ANNOTATIONS.signature]: signature } }
    await repository.mergeTag(attachedTag(digest, 'sig'), async (current) => {
      const merged = await mergeLayers(current, { layers: [layer] }, (config) =>
        repository.readBlob(config, MANIFEST_LIMIT),
      )
      if (merged === undefined) return undefined
      await pushBytes(repository, merged.config, MEDIA_TYPES.ociConfig)
      return merged.manifest
    })
  }

  /** Hangs a Sigstore bundle on the image as a referrer. */
  async #attachBundle(image: Manifest, repository: TargetRepository): Promise<void> {
    const statement = formatStatement(image.descriptor.digest, this.annotations)
    // Loaded when it is needed: Sigstore's signer is larger than all the rest.
    const { makeSignatureBundle } = await import('./signature-bundle.ts')
    const bundle = await makeSignatureBundle(statement, this.#options.key)
    const referrer = makeImageManifest({
      artifactType: MEDIA_TYPES.sigstoreBundle,
      config: await pushBytes(repository, EMPTY_CONFIG, MEDIA_TYPES.ociEmpty),
      layers: [await pushBytes(repository, bundle, MEDIA_TYPES.sigstoreBundle)],
      subject: image.descriptor,
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': SIGNATURE_PREDICATE,
        'org.opencontainers.image.created': withoutFraction(new Date()),
      },
    })
    await repository.pushManifest(referrer)
    await repository.listAsReferrer(referrer)
  }
}

async function pushBytes(
  repository: TargetRepository,
  bytes: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const blob = { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
  await repository.pushBlob(blob, bytes)
  return blob
}

/** RFC 3339 in whole seconds, as cosign writes it. */
function withoutFraction(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
