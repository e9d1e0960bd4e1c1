import { PromotionError } from '../errors.ts'
import { isImgpkgTag } from '../oci/imgpkg-tag.ts'
import { originalName } from '../oci/layout-name.ts'
import type { Plan } from '../plan/plan.ts'
import { imageKey } from '../sources/image-key.ts'
import type { LoadedList } from '../sources/load-images.ts'
import type { ImagePlace, ListedReference } from '../sources/source.ts'

/** Where the entries of a list are at one target, by its index; the tag is the first of those that people give. */
export function placesAt(
  plan: Plan,
  { pinned }: LoadedList,
  index: number,
): (listed: ListedReference) => ImagePlace {
  const planned = new Map(plan.images.map((one) => [imageKey(one.image), one.targets]))
  return (listed) => {
    const image = pinned.get(listed)
    const target = image && planned.get(imageKey(image))?.[index]
    if (image === undefined || target === undefined) {
      throw new PromotionError('internal', `"${listed.written}" is listed and not in the plan`)
    }
    const { digest } = image.reference
    return {
      reference: { repository: originalName(target.repository), digest },
      tag: target.tags.find(({ tag }) => !isImgpkgTag(tag))?.tag,
    }
  }
}
