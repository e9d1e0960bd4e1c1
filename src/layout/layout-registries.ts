import { resolve } from 'node:path'
import type { PromotionError } from '../errors.ts'
import { isAttachedTag } from '../oci/attached-tag.ts'
import type { Digest } from '../oci/digest.ts'
import { layoutPath } from '../oci/layout-name.ts'
import {
  formatRepository,
  isPinned,
  type PinnedReference,
  parseRepositoryName,
  type Reference,
  type RepositoryName,
} from '../oci/reference.ts'
import { KeyedLock } from '../registry/keyed-lock.ts'
import type { Registries, SourceRepository, TargetRepository } from '../registry/repository.ts'
import { absentImage } from './absent-image.ts'
import { ArchiveFiles } from './archive-files.ts'
import { contentsOf } from './contents-of.ts'
import { findRoots } from './find-roots.ts'
import { FolderFiles } from './folder-files.ts'
import { ImageLayout } from './image-layout.ts'
import { unusableLayout } from './layout-error.ts'
import { EVERYWHERE, type LayoutIndex } from './layout-index.ts'
import { LayoutRepository, type SharedLayout } from './layout-repository.ts'
import type { RepositoryContents } from './repository-contents.ts'

/** An image that a layout calls by a repository's name, and its tags there. */
export interface NamedImage {
  readonly reference: PinnedReference
  readonly tags: readonly string[]
}

/** More than a run is for; each one costs what it names. */
const MOST_NAMED = 5000

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
  /** Where something is to be written. */
  readonly #targets = new Set<string>()

  /** The signal ends what is under way, and no commit. */
  constructor(workingDirectory: string, signal: AbortSignal) {
    this.#workingDirectory = workingDirectory
    this.#signal = signal
  }

  source(name: RepositoryName): SourceRepository {
    return this.#repository(name)
  }

  target(name: RepositoryName): TargetRepository {
    this.#targets.add(this.#placeOf(layoutPath(name)))
    return this.#repository(name)
  }

  /** Throws a PromotionError of kind `input` where there is no layout. */
  requireThere(path: string): Promise<void> {
    return this.#at(path).layout.requireThere()
  }

  /** Throws a PromotionError of kind `input`, with names that the layout has, where it does not hold an image. */
  async requireImage(reference: Reference): Promise<void> {
    const { repository } = reference
    const found = await this.source(repository).resolve(
      isPinned(reference) ? reference.digest : reference.tag,
    )
    if (found !== undefined) return
    const path = layoutPath(repository)
    throw absentImage(path, reference, await this.#at(path).layout.index())
  }

  /** The text of the list that came with a layout; undefined where there is none. */
  readList(path: string): Promise<string | undefined> {
    return this.#at(path).layout.readList()
  }

  /**
   * The images that a layout calls by a repository's name: neither parts of others nor attached to anything. Throws a PromotionError of kind
   * `input` for more than 5,000 of them.
   */
  async namedImages(path: string): Promise<readonly NamedImage[]> {
    const { layout } = this.#at(path)
    const index = await layout.index()
    const called = new Map(index.repositories().map((name) => [name, index.listed(name)]))
    const all = [...called.values()].flat().map(({ descriptor }) => descriptor)
    const rootsAmong = await findRoots(all, (descriptor) => layout.readManifest(descriptor))
    const images: NamedImage[] = []
    for (const [name, listed] of called) {
      const repository = parseRepositoryName(name)
      const tags = tagsByDigest(listed)
      const roots = rootsAmong(new Set(listed.map(({ descriptor }) => descriptor.digest)))
      for (const digest of roots.filter((one) => tags.has(one)))
        images.push({ reference: { repository, digest }, tags: tags.get(digest) ?? [] })
      if (images.length > MOST_NAMED) throw tooMany(path)
    }
    return images
  }

  /** The tags that a layout gives to what it calls by a repository's name, without those by which something is attached. */
  async tagsIn(path: string, repository: RepositoryName): Promise<ReadonlyMap<Digest, readonly string[]>> {
    const index = await this.#at(path).layout.index()
    return tagsByDigest(index.listed(formatRepository(repository)))
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

  #repository(name: RepositoryName): TargetRepository {
    const shared = this.#at(layoutPath(name))
    const key = formatRepository(name)
    const repository = shared.repositories.get(key) ?? new LayoutRepository(name, shared)
    shared.repositories.set(key, repository)
    return repository
  }

  #placeOf(path: string): string {
    return resolve(this.#workingDirectory, path)
  }

  #at(path: string): OpenLayout {
    const place = this.#placeOf(path)
    const known = this.#layouts.get(place)
    if (known !== undefined) return known
    const files = path.endsWith('.tar')
      ? new ArchiveFiles(place, path, () => this.#targets.has(place))
      : new FolderFiles(place, path)
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

/** The tags of each image, and none for one that is listed without; what is listed by cosign's tags alone is no image. */
function tagsByDigest(listed: ReturnType<LayoutIndex['listed']>): ReadonlyMap<Digest, readonly string[]> {
  const tags = new Map<Digest, string[]>()
  for (const { descriptor, tag } of listed) {
    if (tag !== undefined && isAttachedTag(tag)) continue
    const known = tags.get(descriptor.digest) ?? []
    if (tag !== undefined) known.push(tag)
    tags.set(descriptor.digest, known)
  }
  return tags
}

function tooMany(path: string): PromotionError {
  return unusableLayout(
    path,
    `has no list, and more than ${MOST_NAMED} images with a repository's name`,
    'Name the images that are meant in `images` or `lock`.',
  )
}
