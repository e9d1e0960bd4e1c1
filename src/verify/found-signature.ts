import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations, Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { ImageManifest, Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { LAYER_ANNOTATIONS, SIGSTORE_BUNDLE_PREFIX } from '../oci/signature-format.ts'
import { quote } from './judgement.ts'
import type { SignatureForm } from './verifier.ts'

/** Something that was found where signatures are kept: a blob to read and judge, or a reason why it is none. */
export interface FoundSignature {
  readonly form: SignatureForm
  readonly manifest: Digest
  readonly content:
    | { readonly blob: Descriptor; readonly annotations: Annotations }
    | { readonly problem: string }
}

/** Layers under a `.sig` tag beyond which none is judged: verifying is not to be used to keep a machine busy. */
export const LAYER_LIMIT = 1000

/** More bytes than a signature's payload or bundle has. */
export const SIGNATURE_LIMIT = 1024 * 1024

/** All that could be a signature of the graph's root, in the order in which it was discovered. */
export function findSignatures(graph: ImageGraph): readonly FoundSignature[] {
  const { digest } = graph.root.descriptor
  return graph.attached
    .filter(({ subject }) => subject === digest)
    .flatMap(({ kind, manifest }) => {
      if (kind === 'sig') return findLayers(manifest)
      return kind === 'referrer' && holdsBundle(manifest) ? [findBundle(manifest, digest)] : []
    })
}

function findLayers(manifest: Manifest): readonly FoundSignature[] {
  const found = { form: 'tag', manifest: manifest.descriptor.digest } as const
  if (manifest.kind === 'index')
    return [{ ...found, content: { problem: 'an index stands under the .sig tag' } }]
  const { layers } = manifest
  if (layers.length > LAYER_LIMIT) {
    const problem = `the .sig manifest has ${layers.length} layers, more than the ${LAYER_LIMIT} that are judged`
    return [{ ...found, content: { problem } }]
  }
  return layers.map((layer) => ({ ...found, content: layerContent(layer) }))
}

function layerContent(layer: Descriptor): FoundSignature['content'] {
  const { mediaType, annotations = {} } = layer
  if (mediaType === MEDIA_TYPES.dsseEnvelope)
    return { problem: 'the layer is an attestation, not a signature' }
  if (mediaType !== MEDIA_TYPES.simpleSigning) {
    return { problem: `the layer is of the type ${quote(mediaType)}, not a simple signing payload` }
  }
  if (!annotations[LAYER_ANNOTATIONS.signature]) return { problem: 'the layer carries no signature' }
  if (annotations[LAYER_ANNOTATIONS.certificate]) {
    return { problem: 'it was made with a certificate, and the policy asks for a key' }
  }
  return blobContent(layer)
}

/** By what the manifest is, because what lists it may call it anything. */
function holdsBundle(manifest: Manifest): manifest is ImageManifest {
  return (
    manifest.kind === 'image' &&
    (isBundleType(manifest.artifactType) || manifest.layers.some(({ mediaType }) => isBundleType(mediaType)))
  )
}

function findBundle(manifest: ImageManifest, image: Digest): FoundSignature {
  const found = { form: 'bundle', manifest: manifest.descriptor.digest } as const
  if (manifest.subject?.digest !== image) {
    const subject = manifest.subject?.digest ?? 'nothing'
    return { ...found, content: { problem: `its manifest refers to ${subject}, not to this image` } }
  }
  const [layer, ...others] = manifest.layers
  if (layer === undefined || others.length > 0) {
    const problem = `its manifest has ${manifest.layers.length} layers instead of one Sigstore bundle`
    return { ...found, content: { problem } }
  }
  if (!isBundleType(layer.mediaType)) {
    return {
      ...found,
      content: { problem: `its layer is of the type ${quote(layer.mediaType)}, not a Sigstore bundle` },
    }
  }
  return { ...found, content: blobContent(layer) }
}

function blobContent(blob: Descriptor): FoundSignature['content'] {
  if (blob.size > SIGNATURE_LIMIT) {
    return { problem: `it has ${blob.size} bytes, more than the ${SIGNATURE_LIMIT} that are read` }
  }
  return { blob, annotations: blob.annotations ?? {} }
}

function isBundleType(mediaType: string | undefined): boolean {
  return mediaType?.startsWith(SIGSTORE_BUNDLE_PREFIX) ?? false
}
