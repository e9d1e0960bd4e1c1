import type { Descriptor } from '../oci/descriptor.ts'
import { digestOf } from '../oci/digest.ts'
import type { TargetRepository } from '../registry/repository.ts'

/** Pushes bytes as a blob, and says how to refer to it. */
export async function pushBytes(
  repository: TargetRepository,
  bytes: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const blob = { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
  await repository.pushBlob(blob, bytes)
  return blob
}
