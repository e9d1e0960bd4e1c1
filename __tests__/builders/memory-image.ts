import type { Descriptor } from '../../src/oci/descriptor.ts'
import type { Digest } from '../../src/oci/digest.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { type ImageManifest, makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

/** A repository in memory that holds one small image, and nothing attached to it. */
export interface MemoryImage {
  readonly repository: MemoryRepository
  readonly root: ImageManifest
  readonly digest: Digest
}

/** Makes an image whose digest depends on the seed. */
export async function memoryImage(seed = 'image'): Promise<MemoryImage> {
  const repository = new MemoryRepository({ registry: 'registry.example', path: 'team/app' })
  const config = await putBlob(repository, `{"seed":${JSON.stringify(seed)}}`, MEDIA_TYPES.ociConfig)
  const root = makeImageManifest({ config, layers: [] })
  await repository.pushManifest(root)
  repository.writes.length = 0
  return { repository, root, digest: root.descriptor.digest }
}

/** Stores a blob and says how to refer to it. */
export async function putBlob(
  repository: MemoryRepository,
  content: string | Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const bytes = Buffer.from(content)
  const digest = digestOf(bytes)
  repository.blobs.set(digest, bytes)
  return { mediaType, digest, size: bytes.byteLength }
}
