import { gzipSync } from 'node:zlib'
import type { Annotations, Platform } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildTar } from './build-tar.ts'
import { BuiltArtifact, type BuiltBlob, buildBlob } from './built-artifact.ts'

/** What an image is made of. */
export interface ImageParts {
  /** Two images of one seed, platform and number of layers are the same image. */
  readonly seed: string
  readonly platform?: Platform
  /** How many small layers, each a gzip tar with one file; or the bytes of each layer. */
  readonly layers?: number | readonly Uint8Array[]
  readonly annotations?: Annotations
}

interface BuiltLayer extends BuiltBlob {
  readonly diffId: Digest
}

const TAR = 'application/vnd.oci.image.layer.v1.tar'
const LINUX: Platform = { os: 'linux', architecture: 'amd64' }

/** A small image that real tools take for one; the same parts give the same bytes. */
export function buildImage(parts: ImageParts): BuiltArtifact {
  const { seed, platform = LINUX, layers = 2, annotations = {} } = parts
  const built =
    typeof layers === 'number'
      ? Array.from({ length: layers }, (_, index) => gzipLayer(`${seed}, layer ${index}`))
      : layers.map(plainLayer)
  const config = buildBlob(
    MEDIA_TYPES.ociConfig,
    JSON.stringify({
      ...platform,
      config: { Labels: { seed } },
      rootfs: { type: 'layers', diff_ids: built.map((layer) => layer.diffId) },
    }),
  )
  const manifest = makeImageManifest({
    config: config.descriptor,
    layers: built.map((layer) => layer.descriptor),
    annotations,
  })
  return new BuiltArtifact(manifest, { blobs: [config, ...built] })
}

function gzipLayer(text: string): BuiltLayer {
  const tar = buildTar('file.txt', text)
  return { ...buildBlob(`${TAR}+gzip`, gzipSync(tar)), diffId: digestOf(tar) }
}

function plainLayer(bytes: Uint8Array): BuiltLayer {
  return { ...buildBlob(TAR, bytes), diffId: digestOf(bytes) }
}
