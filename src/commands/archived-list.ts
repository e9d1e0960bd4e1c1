import { PromotionError } from '../errors.ts'
import { LAYOUT_PREFIX } from '../oci/layout-name.ts'
import { formatReference } from '../oci/reference.ts'
import { imagesLockDocument } from '../sources/images-lock-document.ts'
import { parseLock } from '../sources/parse-lock.ts'
import type { ImageDocument } from '../sources/source.ts'
import type { Run } from './run.ts'

/**
 * The list in the layout that the images are read from: the one that was written into it, or else all images that it calls by a repository's
 * name. Undefined where the inputs list images. Throws a PromotionError of kind `input` where there is neither.
 */
export async function archivedList({ settings, services }: Run): Promise<ImageDocument | undefined> {
  const { from, lock, bundles, images, compose } = settings
  if (from === undefined || services.layouts === undefined) return undefined
  const text = await services.layouts.readList(from)
  if ([lock, bundles, images, compose.files].some((list) => list.length > 0)) return undefined
  if (text !== undefined) return parseLock(text, `${from}/images.yml`)
  const named = await services.layouts.namedImages(from)
  if (named.length === 0) {
    throw new PromotionError(
      'input',
      `${LAYOUT_PREFIX}${from} has no list, and no image in it has a repository's name`,
      {
        hint: 'Name the images in `images`, as host/path@sha256:… with the name under which they are to be judged and promoted.',
      },
    )
  }
  return imagesLockDocument(
    named.map(({ reference, tags }) => ({
      reference,
      written: formatReference(reference),
      annotations: {},
      originTags: tags,
    })),
  )
}
