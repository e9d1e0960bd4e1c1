import { isAttachedTag } from '../oci/attached-tag.ts'
import { type Descriptor, isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { bareDescriptor, parseManifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { readJson } from '../oci/read-json.ts'
import { type EntryName, readEntryName, writeEntryName } from './entry-name.ts'

/** One entry of index.json. */
interface Entry extends EntryName {
  readonly descriptor: Descriptor
  /** As it stood in the file; undefined when it is new. */
  readonly json: JsonObject | undefined
}

/** What is called by one repository's name. */
interface Slot {
  readonly tags: Map<string, Entry>
  readonly untagged: Map<Digest, Entry>
}

/** Whether a manifest is listed by another one of the repository, so that it need not be listed here. */
export type IsPart = (repository: string, digest: Digest) => boolean

/** The name of what is in every repository, because no entry says where it belongs. */
export const EVERYWHERE = ''

/**
 * A layout's index.json (OCI image specification, image-layout.md): which manifests there are, and in which repositories by which tags.
 * Entries that are not touched stay as they stood, with all that others wrote into them.
 */
export class LayoutIndex {
  readonly #json: JsonObject
  readonly #standing: readonly Entry[]
  readonly #gone = new Set<Entry>()
  readonly #slots = new Map<string, Slot>()
  #isChanged = false

  private constructor(json: JsonObject, standing: readonly Entry[]) {
    this.#json = json
    this.#standing = standing
    for (const entry of standing) this.#place(entry)
  }

  static empty(): LayoutIndex {
    return new LayoutIndex({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex }, [])
  }

  /** Throws a PromotionError of kind `registry` for what is no index; `where` names the file. */
  static parse(bytes: Uint8Array, where: string): LayoutIndex {
    const manifest = parseManifest(bytes, MEDIA_TYPES.ociIndex, where)
    const { manifests, ...json } = readJson(bytes) ?? {}
    const written = Array.isArray(manifests) ? manifests.filter(isJsonObject) : []
    const children = manifest.kind === 'index' ? manifest.children : []
    const entries = children.map((child, index) => ({
      ...readEntryName(child.annotations),
      descriptor: child,
      json: written[index],
    }))
    return new LayoutIndex(json, entries)
  }

  get isChanged(): boolean {
    return this.#isChanged
  }

  /** What a tag of a repository points at. */
  tagged(repository: string, tag: string): Descriptor | undefined {
    return this.#slots.get(repository)?.tags.get(tag)?.descriptor
  }

  tagsOf(repository: string): readonly string[] {
    return [...(this.#slots.get(repository)?.tags.keys() ?? [])]
  }

  /** Every manifest that is listed for a repository, with its tag if it has one. */
  listed(
    repository: string,
  ): readonly { readonly descriptor: Descriptor; readonly tag: string | undefined }[] {
    const { tags, untagged } = this.#slots.get(repository) ?? { tags: new Map(), untagged: new Map() }
    return [...tags.values(), ...untagged.values()]
  }

  /** The repositories by whose names something is called. */
  repositories(): readonly string[] {
    return [...this.#slots.keys()].filter((repository) => repository !== EVERYWHERE)
  }

  add(repository: string, descriptor: Descriptor): void {
    if (this.#slotOf(repository).untagged.has(descriptor.digest)) return
    this.#isChanged = true
    this.#place({ repository, tag: undefined, descriptor, json: undefined })
  }

  setTag(repository: string, tag: string, descriptor: Descriptor): void {
    if (this.tagged(repository, tag)?.digest === descriptor.digest) return
    this.removeTag(repository, tag)
    this.#isChanged = true
    this.#place({ repository, tag, descriptor, json: undefined })
  }

  /** Removes a tag and nothing else: what it named stays by its digest. */
  removeTag(repository: string, tag: string): void {
    const slot = this.#slotOf(repository)
    const entry = slot.tags.get(tag)
    if (entry === undefined) return
    this.#isChanged = true
    slot.tags.delete(tag)
    for (const one of this.#standing) {
      if (one.repository === repository && one.tag === tag) this.#gone.add(one)
    }
    if (stays(entry, tag)) this.add(repository, entry.descriptor)
  }

  /** The file anew: what stood in it in its order, then what is new by name, so that the order of a run's writes leaves no trace. */
  format(isPart: IsPart): Uint8Array {
    const standing = this.#standing.filter((entry) => !this.#gone.has(entry)).map(({ json }) => json)
    const meanings = this.#meanings()
    const fresh = [...this.#slots].flatMap(([repository, { tags, untagged }]) => {
      const tagged = new Set([...tags.values()].map(({ descriptor }) => descriptor.digest))
      const bare = [...untagged.values()].filter(
        ({ descriptor: { digest } }) => !tagged.has(digest) && !isPart(repository, digest),
      )
      const entries = [...tags.values(), ...bare].filter(({ json }) => json === undefined)
      return entries.map((entry) => writeEntry(repository, entry, meanings))
    })
    const sorted = fresh.toSorted((one, other) => (one.key < other.key ? -1 : 1)).map(({ json }) => json)
    return Buffer.from(JSON.stringify({ ...this.#json, manifests: [...standing, ...sorted] }))
  }

  /** The manifests that each tag means, in whichever repository. */
  #meanings(): ReadonlyMap<string, ReadonlySet<Digest>> {
    const meanings = new Map<string, Set<Digest>>()
    for (const { tags } of this.#slots.values()) {
      for (const [tag, { descriptor }] of tags) {
        meanings.set(tag, (meanings.get(tag) ?? new Set()).add(descriptor.digest))
      }
    }
    return meanings
  }

  #place(entry: Entry): void {
    const { tags, untagged } = this.#slotOf(entry.repository ?? EVERYWHERE)
    const { digest } = entry.descriptor
    // Of several entries with one tag, one for each platform for example, the first is the one that others take.
    if (entry.tag === undefined || tags.has(entry.tag)) untagged.set(digest, untagged.get(digest) ?? entry)
    else tags.set(entry.tag, entry)
  }

  #slotOf(repository: string): Slot {
    const slot = this.#slots.get(repository) ?? { tags: new Map(), untagged: new Map() }
    this.#slots.set(repository, slot)
    return slot
  }
}

function writeEntry(
  repository: string,
  { tag, descriptor }: Entry,
  meanings: ReadonlyMap<string, ReadonlySet<Digest>>,
): { readonly key: string; readonly json: JsonObject } {
  const { artifactType } = descriptor
  const isOnly = tag !== undefined && meanings.get(tag)?.size === 1
  const annotations = writeEntryName(repository, tag, isOnly)
  const json = { ...bareDescriptor(descriptor), ...(artifactType && { artifactType }), annotations }
  return { key: JSON.stringify([repository, tag ?? '', descriptor.digest]), json }
}

/** What was there before this run is kept, and so are images; lists of referrers, and what was merged on the way, are not. */
function stays({ json }: Entry, tag: string): boolean {
  return !isAttachedTag(tag) || (json !== undefined && !/^sha(?:256|512)-[a-f0-9]+$/.test(tag))
}
