import { imageKey } from '../sources/image-key.ts'
import type { ListedImage } from '../sources/source.ts'
import type { ImageList } from './read-images.ts'

/** The bundles of a list among images that were found, each with the places of the images in it. */
export function bundlesOf<Found extends { readonly image: ListedImage }>(
  { bundles }: Pick<ImageList, 'bundles'>,
  found: readonly Found[],
) {
  const foundAs = new Map(found.map((one) => [imageKey(one.image), one]))
  return bundles.flatMap(({ image, locations }) => {
    const planned = foundAs.get(imageKey(image))
    return planned === undefined ? [] : [{ planned, locations }]
  })
}
