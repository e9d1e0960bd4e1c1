import { isUtf8 } from 'node:buffer'
import { buffer } from 'node:stream/consumers'
import { asPromotionError, type PromotionError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { algorithmOf, type Digest, digestOf, hexOf } from '../oci/digest.ts'
import { blobsOf, MANIFEST_LIMIT, type Manifest, parseManifest } from '../oci/manifest.ts'
import { isManifestType } from '../oci/media-types.ts'
import { quoteValue } from '../oci/quote-value.ts'
import { readJson } from '../oci/read-json.ts'
import { checkedContent } from './checked-content.ts'
import { brokenLayout, unusableLayout } from './layout-error.ts'
import type { LayoutFiles } from './layout-files.ts'
import { type IsPart, LayoutIndex } from './layout-index.ts'
import { ManifestMemory } from './manifest-memory.ts'
import { singleChunk } from './single-chunk.ts'

const MARKER = 'oci-layout'
const VERSION = '1.0.0'
const INDEX = 'index.json'
/** The list of what was promoted to the layout last: one of Carvel's locks. */
const LIST = 'images.yml'
const MEBIBYTE = 1024 * 1024
/** Mebibytes of index.json: what some 100,000 entries take. */
const LARGEST_INDEX = 64
/** Bytes of the files beside it. */
const LARGEST_MARKER = 64 * 1024
const LARGEST_LIST = 2 * MEBIBYTE

/** An OCI image layout (OCI image specification, image-layout.md). What is written is in effect when it is committed. */
export class ImageLayout {
  readonly path: string
  readonly #files: LayoutFiles
  readonly #signal: AbortSignal
  readonly #memory = new ManifestMemory()
  /** Names of the blobs that belong to what this run wrote or found in its place. */
  readonly #wanted = new Set<string>()
  #index: Promise<LayoutIndex | undefined> | undefined
  #fresh: LayoutIndex | undefined
  #list: string | undefined

  /** The signal ends the reading and writing of blobs, and no commit. */
  constructor(files: LayoutFiles, signal: AbortSignal) {
    this.#files = files
    this.#signal = signal
    this.path = files.path
  }

  /** Its index; an empty one where there is no layout yet. */
  async index(): Promise<LayoutIndex> {
    this.#index ??= this.#readIndex()
    const index = await this.#index
    if (index !== undefined) return index
    this.#fresh ??= LayoutIndex.empty()
    return this.#fresh
  }

  /** Throws a PromotionError of kind `input` when there is no layout. */
  async requireThere(): Promise<void> {
    this.#index ??= this.#readIndex()
    if ((await this.#index) !== undefined) return
    if ((await this.#files.requireRoom()) === 'begun') {
      const why = 'is a folder without a layout: it is empty, or the run that was to write one did not end'
      throw unusableLayout(this.path, why, 'Correct the path, or promote to it first.')
    }
    throw unusableLayout(
      this.path,
      'does not exist',
      'Correct the path; it is relative to the working directory.',
    )
  }

  /** Throws a PromotionError where nothing can be written; writes nothing itself. */
  requireWritable(): Promise<void> {
    return this.#files.requireWritable()
  }

  /** The manifest of a descriptor; undefined where there is none, and for what is no image or index. */
  readManifest(descriptor: Descriptor): Promise<Manifest | undefined> {
    return this.#memory.recall(descriptor, () => this.#readManifestNow(descriptor))
  }

  /** A file of another size is not the blob: it is written again. */
  async hasBlob({ digest, size }: Descriptor): Promise<boolean> {
    return (await this.#files.sizeOf(blobName(digest))) === size
  }

  /** The blob's bytes; throws at their end when they are not those of its digest and size. */
  async *readBlob(blob: Descriptor): AsyncGenerator<Uint8Array> {
    const name = blobName(blob.digest)
    const size = await this.#files.sizeOf(name)
    if (size === undefined) throw brokenLayout(this.path, `has no blob ${blob.digest}`)
    const checking = { wrong: (why: string) => this.#wrongBytes(why), signal: this.#signal }
    yield* checkedContent(this.#files.read(name), blob, checking)
  }

  /** Keeps a blob, unless the bytes are not those of its digest and size. */
  async writeBlob(blob: Descriptor, content: AsyncIterable<Uint8Array>): Promise<void> {
    const checking = { wrong: (why: string) => this.#refused(why), signal: this.#signal }
    await this.#files.write(blobName(blob.digest), checkedContent(content, blob, checking))
  }

  /** Keeps a manifest; throws a PromotionError of kind `incomplete` when a blob that it needs is not there. */
  async writeManifest(manifest: Manifest, isForeign: (blob: Descriptor) => boolean): Promise<void> {
    const { descriptor, bytes } = manifest
    const name = blobName(descriptor.digest)
    const names = [name]
    for (const blob of blobsOf(manifest)) {
      if (isForeign(blob)) continue
      if (!(await this.hasBlob(blob))) throw this.#refused(`a manifest before its blob ${blob.digest}`)
      names.push(blobName(blob.digest))
    }
    const there = await this.#readWhole(name, MANIFEST_LIMIT)
    if (there === undefined || !Buffer.from(bytes).equals(there))
      await this.#files.write(name, singleChunk(bytes))
    for (const one of names) this.#wanted.add(one)
  }

  /** The list of what was promoted to the layout last; undefined where there is none. */
  async readList(): Promise<string | undefined> {
    const bytes = await this.#readWhole(LIST, LARGEST_LIST)
    if (bytes === undefined) return undefined
    if (isUtf8(bytes)) return new TextDecoder().decode(bytes)
    throw brokenLayout(this.path, `has a ${LIST} that is not UTF-8`)
  }

  /** Puts a list in the place of the one that is there. */
  setList(text: string): void {
    this.#list = text
  }

  /** Puts in effect what was written; does nothing where nothing was. */
  async commit(isPart: IsPart): Promise<void> {
    const index = await this.index()
    const before = await this.readList()
    const list = this.#list ?? before
    if (!index.isChanged && list === before) return
    const documents = new Map([[MARKER, Buffer.from(JSON.stringify({ imageLayoutVersion: VERSION }))]])
    if (list !== undefined) documents.set(LIST, Buffer.from(list))
    // The last, because it is what makes the rest count.
    documents.set(INDEX, Buffer.from(index.format(isPart)))
    await this.#files.finish(documents, this.#wanted)
    this.#index = undefined
    this.#fresh = undefined
  }

  close(): Promise<void> {
    return this.#files.close()
  }

  async #readIndex(): Promise<LayoutIndex | undefined> {
    const marker = await this.#readWhole(MARKER, LARGEST_MARKER)
    if (marker === undefined) {
      await this.#files.requireRoom()
      return undefined
    }
    const version = readJson(marker)?.imageLayoutVersion
    if (version !== VERSION) {
      const why = `is of the layout version ${quoteValue(version)}, not ${VERSION}`
      throw unusableLayout(
        this.path,
        why,
        `Only version ${VERSION} is known: make the layout with a tool that writes it.`,
      )
    }
    const bytes = await this.#readWhole(INDEX, LARGEST_INDEX * MEBIBYTE)
    if (bytes === undefined) throw brokenLayout(this.path, `has no ${INDEX}`)
    return this.#attempt(() => LayoutIndex.parse(bytes, INDEX))
  }

  async #readManifestNow({ digest, mediaType }: Descriptor): Promise<Manifest | undefined> {
    if (!isManifestType(mediaType)) return undefined
    const bytes = await this.#readWhole(blobName(digest), MANIFEST_LIMIT)
    if (bytes === undefined) return undefined
    if (digestOf(bytes, algorithmOf(digest)) !== digest) throw this.#wrongBytes(`other bytes for ${digest}`)
    const manifest = this.#attempt(() => parseManifest(bytes, mediaType, `the manifest ${digest}`))
    return { ...manifest, descriptor: { ...manifest.descriptor, digest } }
  }

  async #readWhole(name: string, limit: number): Promise<Uint8Array | undefined> {
    const size = await this.#files.sizeOf(name)
    if (size === undefined) return undefined
    if (size > limit) {
      throw brokenLayout(this.path, `has a file ${name} of ${size} bytes, and ${limit} is the limit`)
    }
    return await buffer(this.#files.read(name))
  }

  /** What is said of a registry's manifests is true of files as well, but another kind of failure. */
  #attempt<T>(parse: () => T): T {
    try {
      return parse()
    } catch (thrown) {
      const { message, hint } = asPromotionError(thrown)
      throw brokenLayout(this.path, `cannot be read: ${message}`, hint, thrown)
    }
  }

  #wrongBytes(why: string): PromotionError {
    const hint = 'The file was damaged: delete it, or fetch the layout again, and run again.'
    return brokenLayout(this.path, `holds ${why}`, hint)
  }

  #refused(why: string): PromotionError {
    const hint = 'The source or something on the way changed the bytes; nothing of it was kept.'
    return brokenLayout(this.path, `was sent ${why}`, hint)
  }
}

/** Where the bytes of a digest are (OCI image specification, image-layout.md, "Blobs"). */
function blobName(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`
}
