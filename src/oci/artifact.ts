import type { Annotations, Descriptor } from './descriptor.ts'
import { type ImageManifest, makeImageManifest } from './manifest.ts'
import { MEDIA_TYPES } from './media-types.ts'
import { blobOf, EMPTY_OBJECT, type WholeBlob } from './whole-blob.ts'

/** A manifest and the blobs that it refers to, which have to be pushed before it. */
export interface Artifact {
  readonly manifest: ImageManifest
  readonly blobs: readonly WholeBlob[]
}

/**
 * An artifact of one layer, of the same type as the whole, and without a config (OCI image specification, manifest.md, "Guidelines for
 * Artifact Usage" and "Guidance for an Empty Descriptor"). The same parts give the same bytes; `file` is the name under which tools
 * write the layer to a disk.
 */
export function makeArtifact(parts: {
  readonly type: string
  readonly content: Uint8Array
  readonly file?: string
  readonly subject?: Descriptor
  readonly annotations?: Annotations
}): Artifact {
  const { type, content, file, subject, annotations } = parts
  const config = blobOf(MEDIA_TYPES.ociEmpty, EMPTY_OBJECT)
  const layer = {
    ...blobOf(type, content).descriptor,
    ...(file && { annotations: { 'org.opencontainers.image.title': file } }),
  }
  const manifest = makeImageManifest({
    artifactType: type,
    config: config.descriptor,
    layers: [layer],
    ...(subject && { subject }),
    ...(annotations && { annotations }),
  })
  return { manifest, blobs: [config, { descriptor: layer, bytes: content }] }
}
