import { PromotionError } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatRepository } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'
import type { Known } from './known.ts'

/** Manifests of one image, attached ones too. */
const MOST_MANIFESTS = 5000
const MEBIBYTE = 1024 * 1024
/** Mebibytes of all manifests of one image together. */
const MOST_MEBIBYTES = 64

/**
 * Fetches the manifests of one image, each digest once, and never more than any image has: an index of 4 MiB is free to list thousands
 * of others of that size. Beyond that it throws a PromotionError of kind `incomplete`.
 */
export class ManifestReader {
  readonly #repository: SourceRepository
  readonly #known: Known
  readonly #fetched = new Map<Digest, Promise<Manifest | undefined>>()
  #number = 0
  #bytes = 0

  constructor(repository: SourceRepository, known: Known = {}) {
    this.#repository = repository
    this.#known = known
  }

  /** Undefined for a confirmed 404. */
  byDigest(digest: Digest): Promise<Manifest | undefined> {
    const known = this.#fetched.get(digest)
    if (known !== undefined) return known
    const manifest = this.#known.manifests?.get(digest)
    const fetching = manifest === undefined ? this.#fetch(digest) : Promise.resolve(this.#count(manifest))
    this.#fetched.set(digest, fetching)
    return fetching
  }

  /** Undefined for a confirmed 404, and for a tag that is known not to exist. */
  async byTag(tag: string): Promise<Manifest | undefined> {
    const tags = await this.#known.tags
    if (tags?.has(tag) === false) return undefined
    const manifest = this.#known.tagged?.get(tag)
    return manifest === undefined ? this.#fetch(tag) : this.#count(manifest)
  }

  /** Refuses a list that would be too long, before the first one on it is fetched. */
  requireRoomFor(digests: readonly Digest[]): void {
    this.#requireRoom([...new Set(digests)].filter((digest) => !this.#fetched.has(digest)).length)
  }

  async #fetch(reference: string): Promise<Manifest | undefined> {
    this.#requireRoom(1)
    const manifest = await this.#repository.fetchManifest(reference)
    return manifest && this.#count(manifest)
  }

  #count(manifest: Manifest): Manifest {
    this.#number += 1
    this.#bytes += manifest.descriptor.size
    this.#requireRoom(0)
    return manifest
  }

  #requireRoom(more: number): void {
    if (this.#number + more > MOST_MANIFESTS) throw this.#tooLarge(`${MOST_MANIFESTS} manifests`)
    if (this.#bytes > MOST_MEBIBYTES * MEBIBYTE) throw this.#tooLarge(`${MOST_MEBIBYTES} MiB of manifests`)
  }

  #tooLarge(limit: string): PromotionError {
    return new PromotionError(
      'incomplete',
      `${formatRepository(this.#repository.name)}: what belongs to the image is more than ${limit}`,
      {
        hint: 'No image is made of so much: look at what its index lists and what is attached to it, and remove what does not belong there.',
      },
    )
  }
}
