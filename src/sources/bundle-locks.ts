import type { PromotionError } from '../errors.ts'
import { readBundle } from '../imgpkg/read-bundle.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { parseImagesLock } from './parse-images-lock.ts'
import type { PinnedListing } from './source.ts'

const MEBIBYTE = 1024 * 1024
/** Mebibytes of all layers, decompressed. */
const MOST_MEBIBYTES = 256
/** Entries of all locks, one counted again for each bundle that has it: thousands of bundles can share one long lock. */
const MOST_ENTRIES = 50_000

/** Reads the locks of a bundle and of those in it, each layer once, and no more than anybody has of them. */
export class BundleLocks {
  readonly #tooMuch: (why: string) => PromotionError
  readonly #read = new Map<Digest | undefined, Promise<readonly PinnedListing[]>>()
  #bytes = 0
  #entries = 0
  #refusal: PromotionError | undefined

  /** `tooMuch` makes the error of kind `input` that is thrown beyond the limits, the same to all who read then. */
  constructor(tooMuch: (why: string) => PromotionError) {
    this.#tooMuch = tooMuch
  }

  /** The images that a bundle's lock names, each digest once; throws PromotionErrors of kind `input`. */
  async read(manifest: Manifest, repository: SourceRepository): Promise<readonly PinnedListing[]> {
    const layer = manifest.kind === 'image' ? manifest.layers[0]?.digest : undefined
    const reading = this.#read.get(layer) ?? this.#readLayer(manifest, repository)
    this.#read.set(layer, reading)
    const listed = await reading
    this.#entries += listed.length
    if (this.#entries > MOST_ENTRIES) this.#refuse(`lists more than ${MOST_ENTRIES} images with repetitions`)
    return listed
  }

  async #readLayer(manifest: Manifest, repository: SourceRepository): Promise<readonly PinnedListing[]> {
    const text = await readBundle(manifest, repository, (size) => {
      this.#bytes += size
      if (this.#bytes > MOST_MEBIBYTES * MEBIBYTE) this.#refuse(`is more than ${MOST_MEBIBYTES} MiB`)
    })
    const { digest } = manifest.descriptor
    const file = `${formatReference({ repository: repository.name, digest })}/.imgpkg/images.yml`
    const listed = new Map<Digest, PinnedListing>()
    // A lock that repeats itself is taken as imgpkg takes it: whoever promotes a bundle has not written it.
    for (const one of parseImagesLock(text, file, 'keep')) {
      if (!listed.has(one.reference.digest)) listed.set(one.reference.digest, one)
    }
    return [...listed.values()]
  }

  #refuse(why: string): never {
    this.#refusal ??= this.#tooMuch(why)
    throw this.#refusal
  }
}
