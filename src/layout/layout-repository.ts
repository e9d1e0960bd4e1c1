import { buffer } from 'node:stream/consumers'
import pMap from 'p-map'
import { fallbackTag } from '../oci/attached-tag.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import { isSubjectItself, listingOf, MOST_REFERRERS, withEntries } from '../oci/fallback-index.ts'
import { bareDescriptor, childrenOf, type Manifest, makeIndexManifest } from '../oci/manifest.ts'
import { isForeignLayer } from '../oci/media-types.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { KeyedLock } from '../registry/keyed-lock.ts'
import type { Merge, OpenBlob, Preflight, TargetRepository, UploadAnswer } from '../registry/repository.ts'
import { contentsOf } from './contents-of.ts'
import type { ImageLayout } from './image-layout.ts'
import { brokenLayout } from './layout-error.ts'
import { EVERYWHERE } from './layout-index.ts'
import type { RepositoryContents } from './repository-contents.ts'
import { singleChunk } from './single-chunk.ts'

const LISTS_AT_A_TIME = 16
const LOOK = 'Look at what was attached to the image, and remove it if it does not belong there.'

/** What the repositories of one layout have in common. */
export interface SharedLayout {
  readonly layout: ImageLayout
  readonly lock: KeyedLock
  /** What no entry gives to a repository by its name. */
  readonly everywhere: () => Promise<RepositoryContents>
}

/**
 * A repository in a layout. Manifests and tags belong to it by the annotations of their entries, and what has no name to every repository;
 * blobs are the layout's.
 */
export class LayoutRepository implements TargetRepository {
  readonly name: RepositoryName
  readonly #shared: SharedLayout
  readonly #layout: ImageLayout
  /** `host/path`, as entries call it. */
  readonly #called: string
  /** Referrers that fallback tags do not list yet, by their subjects. */
  readonly #toList = new Map<Digest, Map<Digest, Descriptor>>()
  #contents: Promise<RepositoryContents> | undefined

  constructor(name: RepositoryName, shared: SharedLayout) {
    this.name = name
    this.#shared = shared
    this.#layout = shared.layout
    this.#called = name.path
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    const found = await this.#find(reference)
    const manifest = found && (await this.#layout.readManifest(found))
    return manifest?.descriptor
  }

  async fetchManifest(reference: string): Promise<Manifest | undefined> {
    const found = await this.#find(reference)
    return found && (await this.#layout.readManifest(found))
  }

  hasBlob(blob: Descriptor): Promise<boolean> {
    return this.#layout.hasBlob(blob)
  }

  async hasWholeBlob(blob: Descriptor): Promise<boolean> {
    if (!(await this.hasBlob(blob))) return false
    for await (const _ of this.fetchBlob(blob));
    return true
  }

  fetchBlob(blob: Descriptor): AsyncIterable<Uint8Array> {
    return this.#layout.readBlob(blob)
  }

  async readBlob(blob: Descriptor, limit: number): Promise<Uint8Array> {
    if (blob.size <= limit) return await buffer(this.fetchBlob(blob))
    const why = `holds a blob ${blob.digest} of ${blob.size} bytes, more than the ${limit} that are read of its kind`
    throw brokenLayout(this.#layout.path, why, LOOK)
  }

  async listReferrers(subject: Digest): Promise<readonly Descriptor[]> {
    const [own, everywhere] = await this.#both()
    const listed = await this.fetchManifest(fallbackTag(subject))
    const isList = listed?.kind === 'index' && !isSubjectItself(listed, subject)
    const byTag = isList ? listed.children : []
    const all = [...byTag, ...everywhere.referrersOf(subject), ...own.referrersOf(subject)]
    const unique = new Map(all.map((referrer) => [referrer.digest, referrer]))
    if (unique.size > MOST_REFERRERS) {
      throw brokenLayout(this.#layout.path, `lists more than ${MOST_REFERRERS} referrers of ${subject}`, LOOK)
    }
    return inOrder(unique.values())
  }

  async listTags(): Promise<ReadonlySet<string>> {
    const index = await this.#layout.index()
    return new Set([...index.tagsOf(this.#called), ...index.tagsOf(EVERYWHERE)])
  }

  /** A layout has no place for GPG signatures. */
  atomicSignatures(): undefined {
    return undefined
  }

  async beginUpload(blob: Descriptor, from?: RepositoryName): Promise<UploadAnswer> {
    if (await this.hasBlob(blob)) return from === undefined ? 'present' : 'mounted'
    return {
      send: (content) => this.#layout.writeBlob(blob, openContent(content)),
      cancel: () => Promise.resolve(),
    }
  }

  async pushBlob(blob: Descriptor, bytes: Uint8Array): Promise<void> {
    if (!(await this.hasBlob(blob))) await this.#layout.writeBlob(blob, singleChunk(bytes))
  }

  async pushManifest(manifest: Manifest): Promise<void> {
    await this.#requireChildren(manifest)
    await this.#store(manifest)
    const index = await this.#layout.index()
    index.add(this.#called, entryOf(manifest))
  }

  listAsReferrer(referrer: Manifest): Promise<void> {
    const subject = referrer.subject?.digest
    if (subject !== undefined) {
      const listed = this.#toList.get(subject) ?? new Map<Digest, Descriptor>()
      this.#toList.set(subject, listed.set(referrer.descriptor.digest, listingOf(referrer)))
    }
    return Promise.resolve()
  }

  async tag(tag: string, manifest: Manifest): Promise<void> {
    await this.#requireChildren(manifest)
    await this.#point(tag, manifest)
  }

  mergeTag(tag: string, merge: Merge): Promise<Manifest | undefined> {
    return this.#shared.lock.run(`${formatRepository(this.name)}:${tag}`, async () => {
      for (;;) {
        const current = await this.fetchManifest(tag)
        const wanted = await merge(current)
        if (wanted === undefined) return current
        await this.tag(tag, wanted)
      }
    })
  }

  async removeTag(tag: string): Promise<boolean> {
    const index = await this.#layout.index()
    index.removeTag(this.#called, tag)
    return true
  }

  /** Nobody has to be asked who may write, and nothing is pushed to a layout to find something out. */
  preflight(): Preflight {
    return {
      pushRight: () => Promise.resolve('unknown'),
      tryUpload: () => this.#layout.requireWritable(),
      referrersPlace: () => Promise.resolve('fallback tag'),
      removeManifest: () => Promise.resolve(false),
    }
  }

  /** Writes the fallback tags, by which some tools find referrers in a layout: once at the end, and not for each referrer. */
  async finishReferrers(): Promise<void> {
    const lists = [...this.#toList]
    this.#toList.clear()
    await pMap(lists, ([subject, entries]) => this.#listReferrers(subject, entries), {
      concurrency: LISTS_AT_A_TIME,
    })
  }

  /** Whether an index of the repository lists the manifest. */
  async parts(): Promise<(digest: Digest) => boolean> {
    const contents = await this.#own()
    return (digest) => contents.isPart(digest)
  }

  async #listReferrers(subject: Digest, entries: ReadonlyMap<Digest, Descriptor>): Promise<void> {
    const tag = fallbackTag(subject)
    const current = await this.fetchManifest(tag)
    if (current !== undefined && isSubjectItself(current, subject)) return
    if (current?.kind === 'image')
      throw brokenLayout(this.#layout.path, `has an image under ${tag}, where referrers are listed`)
    const listed = new Set(current?.children.map(({ digest }) => digest))
    const missing = inOrder(entries.values()).filter(({ digest }) => !listed.has(digest))
    if (missing.length === 0) return
    const where = `${formatRepository(this.name)}:${tag}`
    await this.#point(
      tag,
      current === undefined ? makeIndexManifest(missing) : withEntries(current, missing, where),
    )
  }

  async #find(reference: string): Promise<Descriptor | undefined> {
    const index = await this.#layout.index()
    if (!isDigest(reference)) {
      return index.tagged(this.#called, reference) ?? index.tagged(EVERYWHERE, reference)
    }
    const [own, everywhere] = await this.#both()
    return own.find(reference) ?? everywhere.find(reference)
  }

  async #point(tag: string, manifest: Manifest): Promise<void> {
    await this.#store(manifest)
    const index = await this.#layout.index()
    index.setTag(this.#called, tag, entryOf(manifest))
  }

  async #store(manifest: Manifest): Promise<void> {
    await this.#layout.writeManifest(manifest, isForeignLayer)
    const own = await this.#own()
    own.add(manifest)
  }

  /** As registries do: what an index lists has to be there before it. */
  async #requireChildren(manifest: Manifest): Promise<void> {
    const [own, everywhere] = await this.#both()
    const missing = childrenOf(manifest).find(
      (child) => (own.find(child) ?? everywhere.find(child)) === undefined,
    )
    if (missing === undefined) return
    throw brokenLayout(this.#layout.path, `was sent an index before its child ${missing}`)
  }

  #own(): Promise<RepositoryContents> {
    this.#contents ??= contentsOf(this.#layout, this.#called)
    return this.#contents
  }

  #both(): Promise<readonly [RepositoryContents, RepositoryContents]> {
    return Promise.all([this.#own(), this.#shared.everywhere()])
  }
}

/** So that what is made of a list does not depend on who wrote first. */
function inOrder(listed: Iterable<Descriptor>): readonly Descriptor[] {
  return [...listed].sort((one, other) => (one.digest < other.digest ? -1 : 1))
}

function openContent(content: Uint8Array | OpenBlob): AsyncIterable<Uint8Array> {
  return content instanceof Uint8Array ? singleChunk(content) : content()
}

/** What index.json says of a manifest; the type only of what is attached to something. */
function entryOf({ descriptor, subject, artifactType }: Manifest): Descriptor {
  return { ...bareDescriptor(descriptor), ...(subject && artifactType && { artifactType }) }
}
