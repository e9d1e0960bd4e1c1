import { isAttachedTag } from '../oci/attached-tag.ts'
import { isImgpkgTag } from '../oci/imgpkg-tag.ts'
import { formatRepository } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'

/** Pages of a list that are worth reading for a single image. */
const PAGES = 10

/** The tags of each repository that a step looks at: one list for all images in it instead of a dozen questions for each. */
export class TagLists {
  readonly #mostPages: number
  readonly #lists = new Map<string, Promise<ReadonlySet<string> | undefined>>()

  /** `images`: how many are looked at; for many of them a long list is still cheaper than questions. */
  constructor(images: number) {
    this.#mostPages = PAGES + images
  }

  /** All tags of a repository; undefined where tags have to be asked for one by one. */
  of(repository: SourceRepository): Promise<ReadonlySet<string> | undefined> {
    const key = formatRepository(repository.name)
    const known = this.#lists.get(key)
    if (known !== undefined) return known
    const listing = believableTags(repository, this.#mostPages)
    // Whoever waits for it hears of a failure; it may come before anybody does.
    listing.catch(() => undefined)
    this.#lists.set(key, listing)
    return listing
  }
}

/** Lists that leave out the tags of attached artifacts are known; one that shows some of them shows all. imgpkg's own are left out by none. */
async function believableTags(
  repository: SourceRepository,
  mostPages: number,
): Promise<ReadonlySet<string> | undefined> {
  const tags = await repository.listTags(mostPages)
  return tags !== undefined && [...tags].some((tag) => isAttachedTag(tag) && !isImgpkgTag(tag))
    ? tags
    : undefined
}
