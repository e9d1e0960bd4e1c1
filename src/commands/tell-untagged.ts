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
  if (untagged.length === whole.length) {
    const message = `None of the images gets a tag: the list names none to put into "${settings.tags.join(', ')}"`
    throw new PromotionError('input', message, {
      hint: 'kbld writes tags into its locks, and a reference with a tag has one; otherwise write `tags` out in full.',
    })
  }
  for (const { image } of untagged) {
    services.reporter.warn(
      `"${image.written}" gets no tag: its list names none to put into \`tags\``,
      image.location,
    )
  }
}

function isUntagged({ targets }: PlannedImage): boolean {
  return targets.every(({ tags }) => tags.every(({ tag }) => isImgpkgTag(tag)))
}
