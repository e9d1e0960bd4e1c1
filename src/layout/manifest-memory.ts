import type { Descriptor } from '../oci/descriptor.ts'
import type { Manifest } from '../oci/manifest.ts'

/** Bytes of manifests that are kept. */
const MEMORY_LIMIT = 16 * 1024 * 1024

/** Keeps manifests by their digest: one may be called by thousands of names. When it is full, nothing more is kept. */
export class ManifestMemory {
  readonly #manifests = new Map<string, Manifest>()
  #size = 0

  /** The manifest from memory, or read now and kept; what is not there is not kept, since it may be written later. */
  async recall(
    { digest, mediaType }: Descriptor,
    read: () => Promise<Manifest | undefined>,
  ): Promise<Manifest | undefined> {
    // Other descriptors may give it another type.
    const key = `${digest} ${mediaType}`
    const known = this.#manifests.get(key)
    if (known !== undefined) return known
    const manifest = await read()
    const size = manifest?.bytes.byteLength ?? 0
    if (manifest === undefined || this.#manifests.has(key) || this.#size + size > MEMORY_LIMIT)
      return manifest
    this.#manifests.set(key, manifest)
    this.#size += size
    return manifest
  }
}
