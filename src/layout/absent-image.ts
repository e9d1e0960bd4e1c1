import type { PromotionError } from '../errors.ts'
import { isAttachedTag } from '../oci/attached-tag.ts'
import { originalName } from '../oci/layout-name.ts'
import { formatReference, formatRepository, type Reference } from '../oci/reference.ts'
import { unusableLayout } from './layout-error.ts'
import type { LayoutIndex } from './layout-index.ts'

/** Names in one hint. */
const MOST_NAMES = 5

/** The error for an image that a layout does not hold, a PromotionError of kind `input`; its hint says what the layout does hold. */
export function absentImage(path: string, reference: Reference, index: LayoutIndex): PromotionError {
  const repository = originalName(reference.repository)
  const own = formatRepository(repository)
  const others = index.repositories().filter((name) => name !== own)
  const names = [own, ...others].flatMap((name) => namesOf(name, index))
  const some = names.slice(0, MOST_NAMES).join(', ')
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  const hint =
    names.length === 0
      ? 'Nothing in it has a repository’s name: give the tag that its index.json has, or the digest.'
      : `It holds ${some}${more}: name one of them, or promote the image to it first.`
  return unusableLayout(path, `holds no image ${formatReference({ ...reference, repository })}`, hint)
}

/** With each tag that people gave, or alone. */
function namesOf(repository: string, index: LayoutIndex): readonly string[] {
  if (index.listed(repository).length === 0) return []
  const tags = index.tagsOf(repository).filter((tag) => !isAttachedTag(tag))
  return tags.length === 0 ? [repository] : tags.map((tag) => `${repository}:${tag}`)
}
