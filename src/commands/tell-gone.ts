import { formatReference } from '../oci/reference.ts'
import type { Reporter } from '../report/reporter.ts'
import type { ComparedImage } from './see-images.ts'

/** Warns of each image that its source does not have any more: what was attached to it there is not known. */
export function tellGone(images: readonly ComparedImage[], reporter: Reporter): void {
  for (const { image, isGone } of images) {
    if (!isGone) continue
    reporter.warn(
      `${formatReference(image.reference)} is not there any more (404): whether the targets have all that was attached to it is not known`,
      image.location,
    )
  }
}
