import { isAttachedTag } from '../oci/attached-tag.ts'
import { isImgpkgTag } from '../oci/imgpkg-tag.ts'
import { formatRepository } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'

/** Pages of a list that are worth reading for a single image. */
const PAGES = 10

type List = Promise<ReadonlySet<string> | undefined>

/** The tags of each repository that a step looks at: one list for all images in it instead of a dozen questions for each. */
export class TagLists {
  readonly #mostPages: number
  readonly #lists = new Map<string, { readonly shown: List; readonly believed: List }>()

  /** `images`: how many are looked at; for many of them a long list is still cheaper than questions. */
  constructor(images: number) {
    this.#mostPages = PAGES + images
  }

  /** All tags of a repository; undefined where tags have to be asked for one by one. */
  of(repository: SourceRepository): List {
    return this.#listOf(repository).believed
  }

  /** The tags that a repository shows, which may leave out those of attached artifacts; undefined where it gives no list. */
  shownBy(repository: SourceRepository): List {
    return this.#listOf(repository).shown
  }

  #listOf(repository: SourceRepository) {
    const key = formatRepository(repository.name)
    const known = this.#lists.get(key)
    if (known !== undefined) return known
    const shown = repository.listTags(this.#mostPages)
    const believed = shown.then((tags) => (tags !== undefined && isBelievable(tags) ? tags : undefined))
    // Whoever waits for it hears of a failure; it may come before anybody does.
    believed.catch(() => undefined)
    const listed = { shown, believed }
    this.#lists.set(key, listed)
    return listed
  }
}

/** Lists that leave out the tags of attached artifacts are known; one that shows some of them shows all. imgpkg's own are left out by none. */
function isBelievable(tags: ReadonlySet<string>): boolean {
  return [...tags].some((tag) => isAttachedTag(tag) && !isImgpkgTag(tag))
}
