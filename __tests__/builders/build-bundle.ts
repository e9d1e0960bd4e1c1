import { gzipSync } from 'node:zlib'
import { digestOf } from '../../src/oci/digest.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildLock, type LockEntry } from './build-lock.ts'
import { buildTar } from './build-tar.ts'
import { BuiltArtifact, buildBlob } from './built-artifact.ts'

/** What a bundle is made of, where it differs from what imgpkg makes. */
export interface BundleParts {
  /** The one file in it. */
  readonly file?: string
  /** All bytes of its layer. */
  readonly layer?: Uint8Array
  readonly layerType?: string
  readonly layers?: number
  readonly labels?: Readonly<Record<string, string>> | null
}

/** An imgpkg bundle whose lock has these entries, or is this text. */
export function buildBundle(lock: readonly LockEntry[] | string, parts: BundleParts = {}): BuiltArtifact {
  const { file = '.imgpkg/images.yml', layerType = MEDIA_TYPES.dockerLayer, layers = 1 } = parts
  const tar = buildTar(file, typeof lock === 'string' ? lock : buildLock(lock))
  const layer = buildBlob(layerType, parts.layer ?? gzipSync(tar))
  const { labels = { 'dev.carvel.imgpkg.bundle': 'true' } } = parts
  const config = buildBlob(
    MEDIA_TYPES.dockerConfig,
    JSON.stringify({
      os: '',
      architecture: '',
      config: { Labels: labels },
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    }),
  )
  const json = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.dockerManifest,
    config: config.descriptor,
    layers: Array.from({ length: layers }, () => layer.descriptor),
  }
  const manifest = parseManifest(Buffer.from(JSON.stringify(json)), json.mediaType, 'a bundle')
  return new BuiltArtifact(manifest, { blobs: [config, layer] })
}
