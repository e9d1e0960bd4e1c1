import type { Descriptor } from './descriptor.ts'

/** Media types by their standard names; the specification or product that defines each one is in its value. */
export const MEDIA_TYPES = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  simpleSigning: 'application/vnd.dev.cosign.simplesigning.v1+json',
  sigstoreBundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  dsseEnvelope: 'application/vnd.dsse.envelope.v1+json',
  savedPlan: 'application/vnd.signed-promote.plan.v1+json',
  savedReport: 'application/vnd.signed-promote.report.v1+json',
} as const

/** What a manifest request accepts, in the order of preference. */
export const ACCEPTED_MANIFESTS: readonly string[] = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.dockerManifest,
]

export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerIndex
}

export function isManifestType(mediaType: string): boolean {
  return ACCEPTED_MANIFESTS.includes(mediaType)
}

/** Whether it is the config of an image that can be run, and of no other artifact. */
export function isImageConfig(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociConfig || mediaType === MEDIA_TYPES.dockerConfig
}

const FOREIGN_LAYERS: readonly string[] = [
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
]

/**
 * Whether the bytes of a layer live elsewhere than in the registry: a "foreign" one of Docker's, or a non-distributable one (OCI image
 * specification, layer.md, "Non-Distributable Layers"), that says where in `urls`.
 */
export function isForeignLayer({ mediaType, urls = [] }: Descriptor): boolean {
  return FOREIGN_LAYERS.includes(mediaType) && urls.length > 0
}

/** The bare type of a Content-Type header, in lower case and without its parameters. */
export function bareMediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}
