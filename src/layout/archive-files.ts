import type { FileHandle } from 'node:fs/promises'
import type { PromotionError } from '../errors.ts'
import { openRegular } from '../files/open-regular.ts'
import { isMissing } from '../files/system-error.ts'
import { requireStamp, stampOf } from './file-stamp.ts'
import { FolderFiles } from './folder-files.ts'
import { fileFailure, unusableLayout } from './layout-error.ts'
import type { LayoutFiles, Room } from './layout-files.ts'
import { readRange } from './read-range.ts'
import { singleChunk } from './single-chunk.ts'
import { indexTar, type TarIndex } from './tar-index.ts'
import { type NewMember, writeTar } from './write-tar.ts'

/** The archive as it was when it was opened. */
interface OpenArchive extends TarIndex {
  readonly file: FileHandle | undefined
  readonly stamp: string | undefined
}

/**
 * The files of a layout that is a tar archive, read where they lie in it. Blobs that are written go into a folder beside it until they are
 * packed, and stay there when the run is interrupted: the next one that writes to the archive finds them.
 */
export class ArchiveFiles implements LayoutFiles {
  readonly path: string
  readonly #archive: string
  readonly #partial: FolderFiles
  readonly #isTarget: () => boolean
  #opened: Promise<OpenArchive> | undefined

  /** `archive` is where it is, `path` how it is called in messages; whether anything `isTarget` may change while it is open. */
  constructor(archive: string, path: string, isTarget: () => boolean) {
    this.#archive = archive
    this.path = path
    this.#isTarget = isTarget
    this.#partial = new FolderFiles(`${archive}.partial`, `${path}.partial`)
  }

  async sizeOf(name: string): Promise<number | undefined> {
    // Opened first, so that what is wrong with the archive is told.
    const { files } = await this.#open()
    return (await this.#newSizeOf(name)) ?? files.get(name)?.size
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    const { file, files } = await this.#open()
    const member = files.get(name)
    const isNew = (await this.#newSizeOf(name)) !== undefined
    if (file === undefined || member === undefined || isNew) yield* this.#partial.read(name)
    else yield* readRange(file, member.offset, member.size)
  }

  async requireRoom(): Promise<Room> {
    const { file } = await this.#open()
    if (file === undefined) return 'nothing'
    const hint =
      'An archive has the file oci-layout at its top: pack it from inside the folder, with tar -cf release.tar .'
    throw unusableLayout(this.path, 'is no OCI image layout: it has no file oci-layout', hint)
  }

  /** The archive itself is replaced, and what is in the folder beside it is packed: both lie in the same folder. */
  requireWritable(): Promise<void> {
    return this.#partial.requireWritable()
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#partial.write(name, content)
  }

  async finish(documents: ReadonlyMap<string, Uint8Array>, wanted: ReadonlySet<string>): Promise<void> {
    const { file, stamp } = await this.#open()
    const members = await this.#membersWith(documents, wanted)
    await requireStamp(this.path, this.#archive, stamp)
    await writeTar(this.#archive, members).catch((cause: unknown) => {
      throw fileFailure(this.path, 'written', cause)
    })
    await this.#partial.remove()
    this.#opened = undefined
    await file?.close()
  }

  async close(): Promise<void> {
    const { file } = (await this.#opened?.catch(() => undefined)) ?? {}
    await file?.close()
  }

  /** The documents first, because some tools read an archive only once and from its beginning. */
  async #membersWith(
    documents: ReadonlyMap<string, Uint8Array>,
    wanted: ReadonlySet<string>,
  ): Promise<readonly NewMember[]> {
    const { files } = await this.#open()
    const sizes = new Map([...files].map(([name, { size }]) => [name, size]))
    for (const name of wanted) {
      const size = await this.sizeOf(name)
      if (size !== undefined) sizes.set(name, size)
    }
    const kept = [...sizes]
      .filter(([name]) => !documents.has(name))
      .sort(([one], [other]) => (one < other ? -1 : 1))
    return [
      ...[...documents].map(([name, bytes]) => ({
        name,
        size: bytes.byteLength,
        content: singleChunk(bytes),
      })),
      ...kept.map(([name, size]) => ({ name, size, content: this.read(name) })),
    ]
  }

  /**
   * Who only reads takes nothing from the folder beside the archive, and nobody the documents: their checksum is the archive's. Blobs are
   * checked by their own, and go before those in the archive, which may be damaged.
   */
  async #newSizeOf(name: string): Promise<number | undefined> {
    return this.#isTarget() && name.startsWith('blobs/') ? await this.#partial.sizeOf(name) : undefined
  }

  #cannotKeep(first: string): PromotionError {
    const hint = 'Unpack the archive to a folder and promote to that, or give a new path.'
    return unusableLayout(this.path, `cannot be written again: ${first} in it is a link or a device`, hint)
  }

  /** What cannot be packed again is refused while nothing is written yet. */
  async #open(): Promise<OpenArchive> {
    this.#opened ??= this.#openNow()
    const opened = await this.#opened
    const [first] = opened.others
    if (first !== undefined && this.#isTarget()) throw this.#cannotKeep(first)
    return opened
  }

  async #openNow(): Promise<OpenArchive> {
    let file: FileHandle | undefined
    try {
      file = await openRegular(this.#archive)
    } catch (cause) {
      if (isMissing(cause)) return { file: undefined, stamp: undefined, files: new Map(), others: [] }
      throw fileFailure(this.path, 'read', cause)
    }
    if (file === undefined) {
      const hint = 'A layout whose name ends in .tar is an archive: give a folder another name.'
      throw unusableLayout(this.path, 'is no regular file', hint)
    }
    try {
      return { file, stamp: await stampOf(this.#archive), ...(await indexTar(file, this.path)) }
    } catch (cause) {
      await file.close()
      throw fileFailure(this.path, 'read', cause)
    }
  }
}
