import type { Descriptor } from '../oci/descriptor.ts'
import { blobOf } from '../oci/whole-blob.ts'
import type { TargetRepository } from '../registry/repository.ts'

/** Pushes bytes as a blob, and says how to refer to it. */
export async function pushBytes(
  repository: TargetRepository,
  bytes: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const { descriptor } = blobOf(mediaType, bytes)
  await repository.pushBlob(descriptor, bytes)
  return descriptor
}
