import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { listingOf } from '../oci/fallback-index.ts'
import { childrenOf, type Manifest } from '../oci/manifest.ts'
import { type ReadManifest, readAll } from './read-all.ts'

/** What has to be known of a manifest without reading it again. */
interface KnownManifest {
  /** As a list of referrers shows it. */
  readonly listing: Descriptor
  readonly subject: Digest | undefined
}

/** The manifests of one repository in a layout: those that are listed for it, with all that they list in turn. */
export class RepositoryContents {
  readonly #manifests = new Map<Digest, KnownManifest>()
  readonly #referrers = new Map<Digest, Map<Digest, Descriptor>>()
  readonly #parts = new Set<Digest>()

  /** Reads every manifest from these on, each once. */
  static async load(listed: readonly Descriptor[], read: ReadManifest): Promise<RepositoryContents> {
    const contents = new RepositoryContents()
    await readAll(listed, read, (manifest) => contents.add(manifest))
    return contents
  }

  find(digest: Digest): Descriptor | undefined {
    return this.#manifests.get(digest)?.listing
  }

  add(manifest: Manifest): void {
    const { digest } = manifest.descriptor
    const listing = listingOf(manifest)
    const subject = manifest.subject?.digest
    this.#manifests.set(digest, { listing, subject })
    for (const child of childrenOf(manifest)) this.#parts.add(child)
    if (subject === undefined) return
    const referrers = this.#referrers.get(subject) ?? new Map<Digest, Descriptor>()
    this.#referrers.set(subject, referrers.set(digest, listing))
  }

  referrersOf(subject: Digest): readonly Descriptor[] {
    return [...(this.#referrers.get(subject)?.values() ?? [])]
  }

  /** Whether an index lists the manifest; a referrer is not part of what a fallback tag lists. */
  isPart(digest: Digest): boolean {
    return this.#parts.has(digest) && this.#manifests.get(digest)?.subject === undefined
  }
}
