import { buffer } from 'node:stream/consumers'
import { fallbackTag } from '../oci/attached-tag.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { isSubjectItself, listingOf, withEntries } from '../oci/fallback-index.ts'
import { type IndexManifest, type Manifest, makeIndexManifest } from '../oci/manifest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { SMALL_BLOB } from '../oci/small-blob.ts'
import { RemoteAtomicSignatures } from './atomic-signatures.ts'
import type { BlobMemory } from './blob-memory.ts'
import { BlobUploads } from './blob-uploads.ts'
import { fetchBlob, fetchSmallBlob, hasBlob } from './blobs.ts'
import type { KeyedLock } from './keyed-lock.ts'
import { Manifests } from './manifests.ts'
import { mergeSharedTag } from './merge-shared-tag.ts'
import { askPushRight } from './push-right.ts'
import { asFallbackIndex, checkNumber, listByApi, noPlaceForReferrers } from './referrers.ts'
import { RegistryError } from './registry-error.ts'
import type {
  AtomicSignatures,
  Merge,
  Preflight,
  ReferrersPlace,
  TargetRepository,
  UploadAnswer,
} from './repository.ts'
import { listTags } from './tag-list.ts'
import type { RepositoryTransport } from './transport.ts'
import type { UploadHabits } from './upload-habits.ts'

/** Milliseconds. */
const MERGE_PAUSE = 150

/** What the repositories of a run have in common. */
export interface Shared {
  readonly lock: KeyedLock
  readonly memory: BlobMemory
  readonly habits: UploadHabits
  /** Told that the registry of a subject shows nowhere what refers to it. */
  readonly onHiddenReferrers?: (registry: string) => void
}

/** A repository behind the OCI distribution API (distribution specification 1.1), older and partial registries included. */
export class RemoteRepository implements TargetRepository {
  readonly name: RepositoryName
  readonly #transport: RepositoryTransport
  readonly #lock: KeyedLock
  readonly #memory: BlobMemory
  readonly #manifests: Manifests
  readonly #uploads: BlobUploads
  readonly #shortestPause: number
  readonly #onHiddenReferrers: Shared['onHiddenReferrers']
  /** Learned from an answer that speaks of the whole registry; what it says of one subject is not enough. */
  #hasReferrersApi: boolean | undefined
  /** The question that teaches it; the others wait for that instead of asking an API that may not be there. */
  #learning: Promise<unknown> | undefined
  /** What this run has to see in each fallback tag. */
  readonly #entries = new Map<string, Map<Digest, Descriptor>>()

  constructor(transport: RepositoryTransport, shared: Shared, shortestPause = MERGE_PAUSE) {
    const { lock, memory, habits, onHiddenReferrers } = shared
    this.name = transport.name
    this.#transport = transport
    this.#lock = lock
    this.#memory = memory
    this.#manifests = new Manifests(transport)
    this.#uploads = new BlobUploads(transport, habits)
    this.#shortestPause = shortestPause
    this.#onHiddenReferrers = onHiddenReferrers
  }

  resolve(reference: string): Promise<Descriptor | undefined> {
    return this.#manifests.resolve(reference)
  }

  fetchManifest(reference: string): Promise<Manifest | undefined> {
    return this.#manifests.fetch(reference)
  }

  hasBlob(blob: Descriptor): Promise<boolean> {
    return hasBlob(this.#transport, blob)
  }

  async hasWholeBlob(blob: Descriptor): Promise<boolean> {
    try {
      if (blob.size <= SMALL_BLOB) await this.readBlob(blob, SMALL_BLOB)
      else for await (const _ of this.fetchBlob(blob));
      return true
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) return false
      throw error
    }
  }

  fetchBlob(blob: Descriptor): AsyncIterable<Uint8Array> {
    return fetchBlob(this.#transport, blob)
  }

  async readBlob(blob: Descriptor, limit: number): Promise<Uint8Array> {
    if (blob.size > limit) {
      throw new RegistryError({
        method: 'GET',
        url: this.#transport.urlOf(`blobs/${blob.digest}`),
        problem: `the blob has ${blob.size} bytes, more than the ${limit} that are read of its kind`,
        hint: 'Nothing of it was read; look at what was attached to the image, and remove it if it does not belong there.',
      })
    }
    const read = () =>
      blob.size <= SMALL_BLOB ? fetchSmallBlob(this.#transport, blob) : buffer(this.fetchBlob(blob))
    return this.#memory.recall(this.name, blob, read)
  }

  async listReferrers(subject: Digest, tags?: ReadonlySet<string>): Promise<readonly Descriptor[]> {
    const mayHaveTag = tags?.has(fallbackTag(subject)) ?? true
    const [byApi, byTag] = await Promise.all([
      this.#listByApi(subject),
      mayHaveTag ? this.#listByTag(subject) : [],
    ])
    if (byApi === undefined && byTag === undefined) this.#onHiddenReferrers?.(this.name.registry)
    const all = new Map([...(byTag ?? []), ...(byApi ?? [])].map((referrer) => [referrer.digest, referrer]))
    // Registries list in any order, some in another one each time: what is made of the list must not depend on it.
    const referrers = [...all.values()].sort((one, other) => (one.digest < other.digest ? -1 : 1))
    checkNumber(referrers, subject, this.#transport.urlOf(`referrers/${subject}`))
    return referrers
  }

  listTags(mostPages: number): Promise<ReadonlySet<string> | undefined> {
    return listTags(this.#transport, mostPages)
  }

  atomicSignatures(): AtomicSignatures | undefined {
    return this.#transport.announcesSignatures ? new RemoteAtomicSignatures(this.#transport) : undefined
  }

  beginUpload(blob: Descriptor, from?: RepositoryName): Promise<UploadAnswer> {
    return this.#uploads.begin(blob, from)
  }

  async pushBlob(blob: Descriptor, bytes: Uint8Array): Promise<void> {
    const upload = await this.beginUpload(blob)
    if (typeof upload !== 'string') await upload.send(bytes)
  }

  pushManifest(manifest: Manifest): Promise<void> {
    return this.#manifests.push(manifest.descriptor.digest, manifest)
  }

  async listAsReferrer(referrer: Manifest): Promise<void> {
    const subject = referrer.subject?.digest
    if (subject === undefined) return
    if ((await this.#referrersPlace(subject)) === 'api') return
    const tag = fallbackTag(subject)
    const entries = this.#entries.get(tag) ?? new Map<Digest, Descriptor>()
    this.#entries.set(tag, entries.set(referrer.descriptor.digest, listingOf(referrer)))
    await this.mergeTag(tag, async (current) => {
      if (current === undefined) return makeIndexManifest([...entries.values()])
      if (isSubjectItself(current, subject)) throw noPlaceForReferrers(subject, this.#tagUrl(tag))
      const index = this.#asFallbackIndex(current, tag)
      const listed = new Set(index.children.map(({ digest }) => digest))
      // All entries of the run, not this one alone: another writer may have lost any of them.
      const missing = [...entries.values()].filter(({ digest }) => !listed.has(digest))
      return missing.length === 0
        ? undefined
        : withEntries(index, missing, `${formatRepository(this.name)}:${tag}`)
    })
  }

  tag(tag: string, manifest: Manifest): Promise<void> {
    return this.#manifests.push(tag, manifest)
  }

  async mergeTag(tag: string, merge: Merge): Promise<Manifest | undefined> {
    const shared = {
      url: this.#tagUrl(tag),
      read: () => this.fetchManifest(tag),
      look: async () => (await this.resolve(tag))?.digest,
      write: (manifest: Manifest) => this.#manifests.pushOnce(tag, manifest),
      retry: <T>(attempt: () => Promise<T>) => this.#transport.retry(attempt),
      wait: (milliseconds: number) => this.#transport.wait(milliseconds),
    }
    return await this.#lock.run(`${formatRepository(this.name)}:${tag}`, () =>
      mergeSharedTag(shared, merge, this.#shortestPause),
    )
  }

  removeTag(tag: string): Promise<boolean> {
    return this.#manifests.remove(tag)
  }

  preflight(): Preflight {
    return {
      pushRight: () => askPushRight(this.#transport),
      tryUpload: () => this.#uploads.rehearse(),
      referrersPlace: (subject) => this.#referrersPlace(subject),
      removeManifest: (digest) => this.#manifests.remove(digest),
    }
  }

  /** What one subject's answer leaves open is not kept for the others. */
  async #referrersPlace(subject: Digest): Promise<ReferrersPlace> {
    if (this.#hasReferrersApi === undefined) await this.#listByApi(subject)
    if (this.#hasReferrersApi === undefined) return 'unknown'
    return this.#hasReferrersApi ? 'api' : 'fallback tag'
  }

  async #listByApi(subject: Digest): Promise<readonly Descriptor[] | undefined> {
    // Without a wait where there is nothing to wait for: the first of many asks at once, and all others find its question.
    if (this.#learning !== undefined) await this.#learning
    if (this.#hasReferrersApi === false) return undefined
    const asking = this.#askApi(subject)
    if (this.#hasReferrersApi === undefined) this.#learning = asking.catch(() => undefined)
    return await asking
  }

  async #askApi(subject: Digest): Promise<readonly Descriptor[] | undefined> {
    const listed = await listByApi(this.#transport, subject, () => this.#hasReferrersApi === true)
    if (listed === 'no API') this.#hasReferrersApi ??= false
    if (typeof listed === 'string') return undefined
    this.#hasReferrersApi = true
    return listed
  }

  /** Undefined where the subject itself stands in the place of the list. */
  async #listByTag(subject: Digest): Promise<readonly Descriptor[] | undefined> {
    const tag = fallbackTag(subject)
    const manifest = await this.fetchManifest(tag)
    if (manifest === undefined) return []
    if (isSubjectItself(manifest, subject)) return undefined
    return this.#asFallbackIndex(manifest, tag).children
  }

  #asFallbackIndex(manifest: Manifest, tag: string): IndexManifest {
    return asFallbackIndex(manifest, this.#tagUrl(tag))
  }

  #tagUrl(tag: string): URL {
    return this.#transport.urlOf(`manifests/${tag}`)
  }
}
