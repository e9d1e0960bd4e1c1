import type { Descriptor } from './descriptor.ts'
import { digestOf } from './digest.ts'

/** A blob with all of its bytes in memory. */
export interface WholeBlob {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** The content of an empty descriptor (OCI image specification, manifest.md, "Guidance for an Empty Descriptor"). */
export const EMPTY_OBJECT: Uint8Array = Buffer.from('{}')

/** Names these bytes (OCI image specification, descriptor.md). */
export function blobOf(mediaType: string, bytes: Uint8Array): WholeBlob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes }
}
