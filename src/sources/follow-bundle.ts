import { runAll } from '../concurrency.ts'
import { PromotionError } from '../errors.ts'
import type { ImageLocation } from '../imgpkg/image-locations.ts'
import { isBundle } from '../imgpkg/read-bundle.ts'
import type { Digest } from '../oci/digest.ts'
import { inLayout, isLayout, layoutPath } from '../oci/layout-name.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference, formatRepository, type PinnedReference, sameRepository } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import { BundleLocks } from './bundle-locks.ts'
import type { ListedImage, PinnedListing } from './source.ts'

/** A bundle, and the images that its own lock names, each digest once. */
export interface FollowedBundle {
  readonly image: ListedImage
  readonly locations: readonly ImageLocation[]
}

/** A bundle with all that is in it, at whatever depth: the images with the bundle itself in front, and the bundles among them. */
export interface BundleContent {
  readonly images: readonly ListedImage[]
  readonly bundles: readonly FollowedBundle[]
}

/** Images of one bundle, those of nested ones included. */
const MOST_IMAGES = 5_000
/** A bundle in a bundle in a bundle: deeper than anybody nests them. */
const DEEPEST = 16

/**
 * Finds all images of an imgpkg bundle as imgpkg does: each is looked for in the repository of the bundle that names it, then where that
 * bundle says that it is, and bundles among them are followed in turn. Throws PromotionErrors of kind `input`, all of one depth together,
 * for what is no bundle, an image that is in neither place, and more than anybody has.
 */
export async function followBundle(root: ListedImage, registries: Registries): Promise<BundleContent> {
  const following = new Following(root, registries)
  return await following.run()
}

/** An image of the bundle, where it was found. */
interface Found {
  readonly image: ListedImage
  readonly manifest: Manifest
  readonly isBundle: boolean
}

interface ReadBundle extends Found {
  readonly listed: readonly PinnedListing[]
}

class Following {
  readonly #root: ListedImage
  readonly #registries: Registries
  readonly #found = new Map<Digest, Found>()
  readonly #locks = new BundleLocks((why) => this.#tooMuch(why))

  constructor(root: ListedImage, registries: Registries) {
    this.#root = root
    this.#registries = registries
  }

  async run(): Promise<BundleContent> {
    const bundles: ReadBundle[] = []
    let level: readonly Found[] = [await this.#openRoot()]
    for (let depth = 0; level.length > 0; depth++) {
      if (depth >= DEEPEST) throw this.#tooMuch(`is nested more than ${DEEPEST} bundles deep`)
      const read = await runAll(level, (found) => this.#readLock(found))
      bundles.push(...read)
      const found = await runAll(this.#newIn(read), ({ image, bundle }) => this.#find(image, bundle))
      for (const one of found) this.#found.set(one.image.reference.digest, one)
      level = found.filter((one) => one.isBundle)
    }
    return {
      images: [...this.#found.values()].map(({ image }) => image),
      bundles: bundles.map(({ image, listed }) => ({ image, locations: this.#locationsOf(listed) })),
    }
  }

  async #openRoot(): Promise<Found> {
    const { reference, written } = this.#root
    const source = this.#registries.source(reference.repository)
    const manifest = await source.fetchManifest(reference.digest)
    if (manifest === undefined) {
      const hint = 'Check the digest and the repository, and that the credentials may read it.'
      throw this.#problem(`${formatReference(reference)} does not exist (404)`, hint)
    }
    if (!(await isBundle(manifest, source))) {
      const hint = 'Name it in `images`, or push it as a bundle with imgpkg push -b.'
      throw this.#problem(`"${written}" is no imgpkg bundle`, hint)
    }
    const bundle = { root: reference, isRoot: true }
    const found = { image: { ...this.#root, bundle }, manifest, isBundle: true }
    this.#found.set(reference.digest, found)
    return found
  }

  async #readLock(found: Found): Promise<ReadBundle> {
    const source = this.#registries.source(found.image.reference.repository)
    return { ...found, listed: await this.#locks.read(found.manifest, source) }
  }

  /** What these bundles name and no other has named before, each with the first bundle that does. */
  #newIn(
    bundles: readonly ReadBundle[],
  ): readonly { readonly image: PinnedListing; readonly bundle: PinnedReference }[] {
    const named = new Map<Digest, { readonly image: PinnedListing; readonly bundle: PinnedReference }>()
    for (const { image, listed } of bundles) {
      for (const one of listed) {
        const { digest } = one.reference
        if (!this.#found.has(digest) && !named.has(digest))
          named.set(digest, { image: one, bundle: image.reference })
      }
    }
    if (this.#found.size + named.size > MOST_IMAGES)
      throw this.#tooMuch(`holds more than ${MOST_IMAGES} images`)
    return [...named.values()]
  }

  async #find(listed: PinnedListing, bundle: PinnedReference): Promise<Found> {
    const { digest } = listed.reference
    const beside = { repository: bundle.repository, digest }
    const written = readFrom(bundle, listed.reference)
    const places = sameRepository(beside.repository, written.repository) ? [beside] : [beside, written]
    for (const reference of places) {
      const source = this.#registries.source(reference.repository)
      const manifest = await source.fetchManifest(digest)
      if (manifest === undefined) continue
      const nested = await isBundle(manifest, source)
      return { image: this.#asPart(listed, reference), manifest, isBundle: nested }
    }
    const names = places.map(({ repository }) => formatRepository(repository)).join(' and ')
    throw this.#problem(
      `${formatReference(bundle)} holds "${listed.written}", which does not exist (404) in ${names}`,
      'Copy the bundle again with all its images, or push the image.',
    )
  }

  #asPart(listed: PinnedListing, reference: PinnedReference): ListedImage {
    const { location: _, ...entry } = listed
    const { location, terms } = this.#root
    return {
      ...entry,
      reference,
      bundle: { root: this.#root.reference, isRoot: false },
      ...(terms && { terms }),
      ...(location && { location }),
    }
  }

  #locationsOf(listed: readonly PinnedListing[]): readonly ImageLocation[] {
    return listed.map(({ reference }) => ({
      image: reference,
      isBundle: this.#found.get(reference.digest)?.isBundle ?? false,
    }))
  }

  #tooMuch(why: string): PromotionError {
    return this.#problem(`The bundle "${this.#root.written}" ${why}`, 'Look at what it holds, and split it.')
  }

  #problem(message: string, hint: string): PromotionError {
    return new PromotionError('input', message, { hint }).locatedAt(this.#root.location)
  }
}

/** Where an image is that a bundle names: in the layout that the bundle is read from, if it is read from one. */
function readFrom({ repository }: PinnedReference, named: PinnedReference): PinnedReference {
  if (!isLayout(repository)) return named
  return { ...named, repository: inLayout(layoutPath(repository), named.repository) }
}
