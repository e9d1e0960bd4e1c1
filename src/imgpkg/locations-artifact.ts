import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { PromotionError } from '../errors.ts'
import { digestOf } from '../oci/digest.ts'
import { type Manifest, parseManifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { formatReference } from '../oci/reference.ts'
import { blobOf, type WholeBlob } from '../oci/whole-blob.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { fileInLayer } from './file-in-layer.ts'
import { formatImageLocations, type ImageLocation, parseImageLocations } from './image-locations.ts'

const FILE = 'image-locations.yml'
const ONLY_OWNER = 0o600
const ONLY_OWNER_ENTERS = 0o700
/** Bytes of a layer as it is sent; the note of 5,000 images is less. */
const LARGEST_LAYER = 4 * 1024 * 1024
/** Go's zero time, which imgpkg leaves in its configs. */
const NEVER = '0001-01-01T00:00:00Z'

/** The bytes of an image that imgpkg can read, and what names them. */
export interface LocationsArtifact {
  readonly manifest: Manifest
  readonly blobs: readonly WholeBlob[]
}

/** The image locations of a bundle as the image that imgpkg makes of them; the same bytes for the same locations. */
export async function makeLocationsArtifact(locations: readonly ImageLocation[]): Promise<LocationsArtifact> {
  const tar = await tarOf(formatImageLocations(locations))
  const layer = blobOf(MEDIA_TYPES.dockerLayer, gzipSync(tar))
  const config = blobOf(MEDIA_TYPES.dockerConfig, Buffer.from(configOf(digestOf(tar))))
  const json = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.dockerManifest,
    config: config.descriptor,
    layers: [layer.descriptor],
  }
  const manifest = parseManifest(Buffer.from(JSON.stringify(json)), json.mediaType, 'the image locations')
  return { manifest, blobs: [config, layer] }
}

/** What such an image says. Throws a PromotionError, of kind `input` where it is none that can be read. */
export async function readLocationsArtifact(
  manifest: Manifest,
  repository: SourceRepository,
): Promise<readonly ImageLocation[]> {
  const where = formatReference({ repository: repository.name, digest: manifest.descriptor.digest })
  const [layer, second] = manifest.kind === 'image' ? manifest.layers : []
  if (layer === undefined || second !== undefined || layer.size > LARGEST_LAYER) {
    throw new PromotionError('input', `${where} does not have the one small layer that image locations have`)
  }
  const file = await fileInLayer(repository.fetchBlob(layer), FILE, `The layer of ${where}`)
  if (file === undefined) throw new PromotionError('input', `The layer of ${where} has no ${FILE}`)
  return parseImageLocations(file.toString(), `${where}/${FILE}`)
}

function configOf(diffId: string): string {
  return JSON.stringify({
    architecture: '',
    created: NEVER,
    history: [{ author: 'imgpkg', created: NEVER, created_by: 'imgpkg' }],
    os: '',
    rootfs: { type: 'layers', diff_ids: [diffId] },
    config: {},
  })
}

async function tarOf(text: string): Promise<Buffer> {
  const archive = pack()
  const owned = { uid: 0, gid: 0, mtime: new Date(0) }
  archive.entry({ ...owned, name: '.', type: 'directory', mode: ONLY_OWNER_ENTERS })
  archive.entry({ ...owned, name: FILE, type: 'file', mode: ONLY_OWNER }, text)
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return Buffer.concat(chunks)
}
