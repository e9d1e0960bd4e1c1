import type { Annotations, Descriptor } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { type ImageManifest, makeImageManifest } from './manifest.ts'
import { MEDIA_TYPES } from './media-types.ts'

/** A manifest and the blobs that it refers to, which have to be pushed before it. */
export interface Artifact {
  readonly manifest: ImageManifest
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[]
}

const EMPTY = Buffer.from('{}')

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
  const config = describe(EMPTY, MEDIA_TYPES.ociEmpty)
  const layer = {
    ...describe(content, type),
    ...(file && { annotations: { 'org.opencontainers.image.title': file } }),
  }
  const manifest = makeImageManifest({
    artifactType: type,
    config,
    layers: [layer],
    ...(subject && { subject }),
    ...(annotations && { annotations }),
  })
  return {
    manifest,
    blobs: [
      { descriptor: config, bytes: EMPTY },
      { descriptor: layer, bytes: content },
    ],
  }
}

function describe(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
}
