import type { Descriptor } from '../oci/descriptor.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'

/** Bytes of blobs kept for all repositories together; signatures are a few kilobytes each. */
const MEMORY_LIMIT = 16 * 1024 * 1024
/** Bytes of the largest blob that is kept: what is larger is a layer, and nobody asks for it again. */
const LARGEST = 64 * 1024

/**
 * Keeps small blobs that were read as a whole, so that a signature that was verified is not read again to be copied, nor one that was read
 * back to be verified. When it is full, nothing more is kept.
 */
export class BlobMemory {
  readonly #blobs = new Map<string, Promise<Uint8Array>>()
  #size = 0

  /** The blob from memory, or read now and kept; a reading that fails is not kept. */
  recall(
    repository: RepositoryName,
    { digest, size }: Descriptor,
    read: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    // What another repository has says nothing of this one; a descriptor that lies about the size must not be served by one that does not.
    const key = `${formatRepository(repository)} ${digest} ${size}`
    const known = this.#blobs.get(key)
    if (known !== undefined) return known
    const reading = read()
    if (size > LARGEST || this.#size + size > MEMORY_LIMIT) return reading
    this.#blobs.set(key, reading)
    this.#size += size
    reading.catch(() => {
      this.#blobs.delete(key)
      this.#size -= size
    })
    return reading
  }
}
