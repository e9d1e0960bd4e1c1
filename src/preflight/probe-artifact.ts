import type { JsonObject } from '../oci/descriptor.ts'
import { digestOf } from '../oci/digest.ts'
import { bareDescriptor, type Manifest, parseManifest } from '../oci/manifest.ts'
import { isImageConfig, isIndexType, MEDIA_TYPES } from '../oci/media-types.ts'
import { blobOf, EMPTY_OBJECT, type WholeBlob } from '../oci/whole-blob.ts'
import type { ManifestKind } from './manifest-kind.ts'

/** An artifact that is pushed to see whether it is taken, and deleted again. */
export interface ProbeArtifact {
  readonly kind: ManifestKind
  readonly manifest: Manifest
  readonly blobs: readonly WholeBlob[]
  /** What an index lists: it has to be there before it. */
  readonly children: readonly ProbeArtifact[]
}

/** What a probe hangs on and lists. */
interface Surroundings {
  /** Nobody else's: it makes every manifest one of its own, so that none is deleted that somebody needs. */
  readonly name: string
  readonly subject?: Manifest
  /** Images that an index may list. */
  readonly others?: readonly ProbeArtifact[]
}

/** The content of every layer: blobs cannot be deleted, and this one is in many repositories anyway. */
const LAYER = EMPTY_OBJECT
const PLATFORM = { architecture: 'amd64', os: 'linux' } as const

/** The smallest artifact of a kind. */
export function makeProbe(kind: ManifestKind, around: Surroundings): ProbeArtifact {
  return isIndexType(kind.mediaType) ? makeIndex(kind, around) : makeImage(kind, around)
}

function makeImage(kind: ManifestKind, around: Surroundings): ProbeArtifact {
  const config = blobOf(kind.config ?? MEDIA_TYPES.ociConfig, configFor(kind, around.name))
  const layers = kind.parts.map((mediaType) => blobOf(mediaType, LAYER))
  const content = { config: config.descriptor, layers: layers.map(({ descriptor }) => descriptor) }
  return { kind, manifest: manifestOf(kind, around, content), blobs: [config, ...layers], children: [] }
}

function makeIndex(kind: ManifestKind, around: Surroundings): ProbeArtifact {
  const children = kind.parts.map(
    (mediaType) =>
      around.others?.find((one) => one.kind.mediaType === mediaType) ?? anImage(mediaType, around),
  )
  const manifests = children.map(({ manifest }) => ({
    ...bareDescriptor(manifest.descriptor),
    platform: PLATFORM,
  }))
  return { kind, manifest: manifestOf(kind, around, { manifests }), blobs: [], children }
}

/** An image of this type, or an OCI image where it is the type of an index. */
function anImage(mediaType: string, { name }: Surroundings): ProbeArtifact {
  const isDocker = mediaType === MEDIA_TYPES.dockerManifest
  const kind = {
    mediaType: isDocker ? mediaType : MEDIA_TYPES.ociManifest,
    config: isDocker ? MEDIA_TYPES.dockerConfig : MEDIA_TYPES.ociConfig,
    artifactType: undefined,
    parts: [],
    hasSubject: false,
  }
  return makeImage(kind, { name })
}

function manifestOf(
  { mediaType, artifactType }: ManifestKind,
  { name, subject }: Surroundings,
  content: JsonObject,
): Manifest {
  const json = {
    schemaVersion: 2,
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    ...content,
    ...(subject && { subject: bareDescriptor(subject.descriptor) }),
    // Docker's types have no annotations: there the config is one of its own, or the children are.
    ...(!isDockers(mediaType) && { annotations: { 'org.opencontainers.image.description': name } }),
  }
  return parseManifest(Buffer.from(JSON.stringify(json)), mediaType, 'a probe')
}

/** Some registries read the config of an image. */
function configFor({ mediaType, config = '', parts }: ManifestKind, name: string): Uint8Array {
  const layer = digestOf(LAYER)
  const image = { ...PLATFORM, config: {}, rootfs: { type: 'layers', diff_ids: parts.map(() => layer) } }
  const own = isDockers(mediaType) ? { comment: name } : {}
  return Buffer.from(JSON.stringify({ ...(isImageConfig(config) && image), ...own }))
}

function isDockers(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.dockerManifest || mediaType === MEDIA_TYPES.dockerIndex
}
