import { mkdir, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PromotionError } from '../errors.ts'
import { accessForWriting } from '../files/access-for-writing.ts'
import { besideThenRename } from '../files/beside.ts'
import { isInside } from '../files/is-inside.ts'
import { openRegular } from '../files/open-regular.ts'
import { codeOf, isMissing } from '../files/system-error.ts'
import { requireStamp, stampOf } from './file-stamp.ts'
import { brokenLayout, fileFailure, unusableLayout } from './layout-error.ts'
import type { LayoutFiles, Room } from './layout-files.ts'
import { readRange } from './read-range.ts'
import { singleChunk } from './single-chunk.ts'

/** What a first run that was interrupted leaves. */
const BEGUN = ['blobs']

/** The files of a layout that is a folder. Nothing is made before the first file is written. */
export class FolderFiles implements LayoutFiles {
  readonly path: string
  readonly #folder: string
  readonly #made = new Map<string, Promise<unknown>>()
  #root: Promise<string> | undefined
  #stamp: Promise<string | undefined> | undefined

  /** `folder` is where it is, `path` how it is called in messages. */
  constructor(folder: string, path: string) {
    this.#folder = folder
    this.path = path
  }

  async sizeOf(name: string): Promise<number | undefined> {
    try {
      // Before the first look: what is read afterwards is this file, or one that was put in its place.
      this.#stamp ??= stampOf(this.#index)
      await this.#stamp
      await this.#requireInside(name)
      const stats = await stat(this.#file(name))
      if (stats.isFile()) return stats.size
    } catch (cause) {
      if (isMissing(cause)) return undefined
      throw fileFailure(this.path, 'read', cause)
    }
    throw this.#noFile(name)
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    await this.#requireInside(name)
    const file = await openRegular(this.#file(name)).catch((cause: unknown) => {
      throw fileFailure(this.path, 'read', cause)
    })
    if (file === undefined) throw this.#noFile(name)
    try {
      yield* readRange(file, 0, Number.MAX_SAFE_INTEGER)
    } finally {
      await file.close()
    }
  }

  async requireRoom(): Promise<Room> {
    try {
      const found = await readdir(this.#folder)
      if (found.every((name) => BEGUN.includes(name))) return 'begun'
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return 'nothing'
      const why = cause instanceof Error ? cause.message : String(cause)
      throw unusableLayout(
        this.path,
        `is no folder: ${why}`,
        'Name a folder, or a file that ends in .tar.',
        cause,
      )
    }
    const hint =
      'Name a folder that is empty, that does not exist yet, or that is an OCI image layout already.'
    throw unusableLayout(this.path, 'has no file oci-layout, but other files', hint)
  }

  async requireWritable(): Promise<void> {
    try {
      for (const name of ['.', 'blobs/sha256']) await accessForWriting(this.#file(name))
    } catch (cause) {
      throw fileFailure(this.path, 'written', cause)
    }
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await this.#makeFolder(dirname(name))
      await besideThenRename(this.#file(name), (temporary) => writeFile(temporary, content, { flag: 'wx' }))
    } catch (cause) {
      throw fileFailure(this.path, 'written', cause)
    }
  }

  async finish(documents: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await requireStamp(this.path, this.#index, await this.#stamp)
    for (const [name, bytes] of documents) await this.write(name, singleChunk(bytes))
    this.#stamp = stampOf(this.#index)
    await this.#stamp
  }

  /** Takes away the folder with all that is in it. */
  async remove(): Promise<void> {
    this.#made.clear()
    await rm(this.#folder, { recursive: true, force: true })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  get #index(): string {
    return this.#file('index.json')
  }

  #file(name: string): string {
    return join(this.#folder, name)
  }

  #makeFolder(name: string): Promise<unknown> {
    const known = this.#made.get(name)
    if (known !== undefined) return known
    const making = mkdir(this.#file(name), { recursive: true }).then(() => this.#requireInside(name))
    this.#made.set(name, making)
    return making
  }

  #noFile(name: string): PromotionError {
    return brokenLayout(this.path, `has something at ${name} that is no file`)
  }

  /** A layout that somebody else made may hold links that lead to files of this machine. */
  async #requireInside(name: string): Promise<void> {
    this.#root ??= realpath(this.#folder)
    const root = await this.#root.catch((cause: unknown) => {
      // It may be made later.
      this.#root = undefined
      throw cause
    })
    const real = await realpath(this.#file(name))
    if (isInside(real, root)) return
    throw brokenLayout(this.path, `leads out of itself: ${name} is a link to a file elsewhere`)
  }
}
