import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations, Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { ImageManifest, Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { LAYER_ANNOTATIONS, SIGSTORE_BUNDLE_PREFIX } from '../oci/signature-format.ts'
import type { SignedDemand } from '../policy/policy.ts'
import { quote } from './judgement.ts'
import type { SignatureForm } from './verifier.ts'

/** Something that was found where signatures and attestations are kept: a blob to read and judge, or a reason why it is none. */
export interface FoundSignature {
  readonly place: Place
  readonly form: SignatureForm
  readonly manifest: Digest
  readonly content:
    | { readonly blob: Descriptor; readonly annotations: Annotations }
    | { readonly problem: string }
}

type Place = 'sig' | 'att' | 'referrer'

/** Layers under a tag, and Sigstore bundles of one image, beyond which none is judged: verifying is not to be used to keep a machine busy. */
const LAYER_LIMIT = 1000

/** More bytes than a signature's payload or bundle has. */
const SIGNATURE_LIMIT = 1024 * 1024

/** More bytes than an attestation has that carries a whole SBOM: as many as GitHub takes. */
export const ATTESTATION_LIMIT = 16 * 1024 * 1024

/** Bytes that are read for one image, in sum. */
const SUM_LIMIT = 64 * 1024 * 1024

/** All that could be a signature of the graph's root, or an attestation where the demand asks for any, in the order in which it was discovered. */
export function findSignatures(
  { root, attached }: ImageGraph,
  { attestations }: SignedDemand,
): readonly FoundSignature[] {
  const { digest } = root.descriptor
  const areAsked = attestations.length > 0
  const found = attached
    .filter(({ subject }) => subject === digest)
    .flatMap(({ kind, manifest }) => {
      if (kind === 'sig' || (kind === 'att' && areAsked)) return findLayers(manifest, kind)
      return kind === 'referrer' && holdsBundle(manifest) ? [findBundle(manifest, digest, areAsked)] : []
    })
  return withinSum(withoutFlood(found))
}

function withoutFlood(found: readonly FoundSignature[]): readonly FoundSignature[] {
  const [first, ...others] = found.filter(({ place }) => place === 'referrer')
  if (first === undefined || others.length < LAYER_LIMIT) return found
  const problem = `the image has ${others.length + 1} Sigstore bundles, more than the ${LAYER_LIMIT} that are judged`
  return [{ ...first, content: { problem } }, ...found.filter(({ place }) => place !== 'referrer')]
}

/** The smallest come first, so that what is large cannot crowd a signature out. */
function withinSum(found: readonly FoundSignature[]): readonly FoundSignature[] {
  const bySize = found.toSorted((one, other) => sizeOf(one) - sizeOf(other))
  const kept = new Set<FoundSignature>()
  let sum = 0
  for (const one of bySize) {
    sum += sizeOf(one)
    if (sum <= SUM_LIMIT) kept.add(one)
  }
  const problem = `what may be a signature of the image is larger than the ${SUM_LIMIT} bytes that are read in sum`
  return found.map((one) => (kept.has(one) ? one : { ...one, content: { problem } }))
}

/** In bytes; nothing is read where there is a problem already. */
function sizeOf({ content }: FoundSignature): number {
  return 'blob' in content ? content.blob.size : 0
}

function findLayers(manifest: Manifest, place: 'sig' | 'att'): readonly FoundSignature[] {
  const found = { place, form: 'tag', manifest: manifest.descriptor.digest } as const
  if (manifest.kind === 'index') {
    return [{ ...found, content: { problem: `an index stands under the .${place} tag` } }]
  }
  const { layers } = manifest
  if (layers.length > LAYER_LIMIT) {
    const problem = `the .${place} manifest has ${layers.length} layers, more than the ${LAYER_LIMIT} that are judged`
    return [{ ...found, content: { problem } }]
  }
  const contentOf = place === 'sig' ? layerContent : envelopeContent
  return layers.map((layer) => ({ ...found, content: contentOf(layer) }))
}

function layerContent(layer: Descriptor): FoundSignature['content'] {
  const { mediaType, annotations = {} } = layer
  if (mediaType === MEDIA_TYPES.dsseEnvelope)
    return { problem: 'the layer is an attestation, not a signature' }
  if (mediaType !== MEDIA_TYPES.simpleSigning) {
    return { problem: `the layer is of the type ${quote(mediaType)}, not a simple signing payload` }
  }
  if (!annotations[LAYER_ANNOTATIONS.signature]) return { problem: 'the layer carries no signature' }
  return blobContent(layer, SIGNATURE_LIMIT)
}

function envelopeContent(layer: Descriptor): FoundSignature['content'] {
  if (layer.mediaType === MEDIA_TYPES.dsseEnvelope) return blobContent(layer, ATTESTATION_LIMIT)
  return { problem: `the layer is of the type ${quote(layer.mediaType)}, not a DSSE envelope` }
}

/** By what the manifest is, because what lists it may call it anything. */
function holdsBundle(manifest: Manifest): manifest is ImageManifest {
  return (
    manifest.kind === 'image' &&
    (isBundleType(manifest.artifactType) || manifest.layers.some(({ mediaType }) => isBundleType(mediaType)))
  )
}

function findBundle(manifest: ImageManifest, image: Digest, areAsked: boolean): FoundSignature {
  const found = { place: 'referrer', form: 'bundle', manifest: manifest.descriptor.digest } as const
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
  const limit = areAsked ? ATTESTATION_LIMIT : SIGNATURE_LIMIT
  return { ...found, content: blobContent(layer, limit) }
}

function blobContent(blob: Descriptor, limit: number): FoundSignature['content'] {
  if (blob.size > limit) {
    return { problem: `it has ${blob.size} bytes, more than the ${limit} that are read` }
  }
  return { blob, annotations: blob.annotations ?? {} }
}

function isBundleType(mediaType: string | undefined): boolean {
  return mediaType?.startsWith(SIGSTORE_BUNDLE_PREFIX) ?? false
}
