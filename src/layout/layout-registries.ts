import { resolve } from 'node:path'
import { isAttachedTag } from '../oci/attached-tag.ts'
import { layoutPath } from '../oci/layout-name.ts'
import {
  formatReference,
  formatRepository,
  type PinnedReference,
  parseRepositoryName,
  type RepositoryName,
} from '../oci/reference.ts'
import { KeyedLock } from '../registry/keyed-lock.ts'
import type { Registries, SourceRepository, TargetRepository } from '../registry/repository.ts'
import { ArchiveFiles } from './archive-files.ts'
import { contentsOf } from './contents-of.ts'
import { FolderFiles } from './folder-files.ts'
import { ImageLayout } from './image-layout.ts'
import { EVERYWHERE } from './layout-index.ts'
import { LayoutRepository, type SharedLayout } from './layout-repository.ts'
import type { RepositoryContents } from './repository-contents.ts'

/** An image that a layout calls by a repository's name, and its tags there. */
export interface NamedImage {
  readonly reference: PinnedReference
  readonly tags: readonly string[]
}

/** An open layout and the repositories in it that were asked for. */
interface OpenLayout extends SharedLayout {
  readonly repositories: Map<string, LayoutRepository>
}

/** The layouts of a run, by the names of oci/layout-name.ts; a path that ends in `.tar` is an archive, any other a folder. */
export class LayoutRegistries implements Registries {
  readonly #workingDirectory: string
  readonly #signal: AbortSignal
  readonly #lock = new KeyedLock()
  readonly #layouts = new Map<string, OpenLayout>()

  /** The signal ends what is under way, and no commit. */
  constructor(workingDirectory: string, signal: AbortSignal) {
    this.#workingDirectory = workingDirectory
    this.#signal = signal
  }

  source(name: RepositoryName): SourceRepository {
    return this.target(name)
  }

  target(name: RepositoryName): TargetRepository {
    const shared = this.#at(layoutPath(name))
    const key = formatRepository(name)
    const repository = shared.repositories.get(key) ?? new LayoutRepository(name, shared)
    shared.repositories.set(key, repository)
    return repository
  }

  /** The text of the list that came with a layout; undefined where there is none. Throws a PromotionError of kind `input` where there is no layout. */
  async readList(path: string): Promise<string | undefined> {
    const { layout } = this.#at(path)
    await layout.requireThere()
    return await layout.readList()
  }

  /** The images that a layout calls by a repository's name: neither parts of others nor attached to anything. */
  async namedImages(path: string): Promise<readonly NamedImage[]> {
    const { layout } = this.#at(path)
    const index = await layout.index()
    const images = new Map<string, NamedImage & { readonly tags: string[] }>()
    for (const called of index.repositories()) {
      const contents = await contentsOf(layout, called)
      for (const {
        descriptor: { digest },
        tag,
      } of index.listed(called)) {
        if ((tag !== undefined && isAttachedTag(tag)) || !contents.isRoot(digest)) continue
        const reference = { repository: parseRepositoryName(called), digest }
        const image = images.get(formatReference(reference)) ?? { reference, tags: [] }
        if (tag !== undefined) image.tags.push(tag)
        images.set(formatReference(reference), image)
      }
    }
    return [...images.values()]
  }

  /** Gives a layout the list of what was promoted to it, when it is committed. */
  setList(path: string, text: string): void {
    this.#at(path).layout.setList(text)
  }

  /** Puts in effect what was written to all layouts; those to which nothing was written are left alone. */
  async commit(): Promise<void> {
    for (const { layout, repositories } of this.#layouts.values()) {
      const parts = new Map<string, (digest: PinnedReference['digest']) => boolean>()
      for (const repository of repositories.values()) {
        await repository.finishReferrers()
        parts.set(repository.name.path, await repository.parts())
      }
      await layout.commit((called, digest) => parts.get(called)?.(digest) ?? false)
    }
  }

  /** Closes every file; what was not committed stays for the next run to find. */
  async close(): Promise<void> {
    await Promise.all([...this.#layouts.values()].map(({ layout }) => layout.close()))
  }

  #at(path: string): OpenLayout {
    const place = resolve(this.#workingDirectory, path)
    const known = this.#layouts.get(place)
    if (known !== undefined) return known
    const files = path.endsWith('.tar') ? new ArchiveFiles(place, path) : new FolderFiles(place, path)
    const layout = new ImageLayout(files, this.#signal)
    let everywhere: Promise<RepositoryContents> | undefined
    const opened = {
      layout,
      lock: this.#lock,
      everywhere: () => {
        everywhere ??= contentsOf(layout, EVERYWHERE)
        return everywhere
      },
      repositories: new Map(),
    }
    this.#layouts.set(place, opened)
    return opened
  }
}
