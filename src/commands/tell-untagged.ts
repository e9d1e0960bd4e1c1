import { PromotionError } from '../errors.ts'
import { isImgpkgTag } from '../oci/imgpkg-tag.ts'
import type { Plan, PlannedImage } from '../plan/plan.ts'
import type { Run } from './run.ts'

/**
 * Warns of images that get none of the wanted tags, because their list knows them by none. Throws a PromotionError of kind `input` where
 * that is so of every image.
 */
export function tellUntagged({ settings, services }: Run, { images }: Plan): void {
  if (settings.tags.length === 0) return
  const whole = images.filter(({ image: { bundle } }) => bundle === undefined || bundle.isRoot)
  const untagged = whole.filter(isUntagged)
  if (untagged.length === whole.length) throw noTags(settings.tags, untagged)
  for (const { image } of untagged) {
    const why = image.isTagLost
      ? 'the one in its list is gone at the source or means another image'
      : 'its list names none to put into `tags`'
    services.reporter.warn(`"${image.written}" gets no tag: ${why}`, image.location)
  }
}

function noTags(tags: readonly string[], images: readonly PlannedImage[]): PromotionError {
  const wanted = tags.join(', ')
  return images.every(({ image }) => image.isTagLost)
    ? new PromotionError(
        'input',
        `None of the images gets a tag by "${wanted}": those in the list are gone at the source or mean other images`,
        { hint: 'Push the images under their tags again, make the lock anew, or leave `tags` out.' },
      )
    : new PromotionError(
        'input',
        `None of the images gets a tag: the list names none to put into "${wanted}"`,
        {
          hint: 'kbld writes tags into its locks, and a reference with a tag has one; otherwise write `tags` out in full.',
        },
      )
}

function isUntagged({ targets }: PlannedImage): boolean {
  return targets.every(({ tags }) => tags.every(({ tag }) => isImgpkgTag(tag)))
}
