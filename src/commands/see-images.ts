import { IMAGES_AT_A_TIME, settleAll, valuesOf } from '../concurrency.ts'
import type { PromotionError } from '../errors.ts'
import { type Looking, lookAtImage, type SeenImage } from '../plan/look-at-image.ts'
import type { ListedImage } from '../sources/source.ts'
import { followFound } from './follow-found.ts'
import type { ImageList } from './read-images.ts'
import type { Run } from './run.ts'

/** An image that was looked at at its targets and its source; `isGone`: that does not have it any more. */
export type ComparedImage = SeenImage & { readonly isGone: boolean }

/** An image that could not be looked at. */
export interface UnseenImage {
  readonly image: ListedImage
  readonly error: PromotionError
}

/** Images of a list with all that turned out to belong to it, each either seen or not. */
export interface SeenImages {
  readonly images: readonly ComparedImage[]
  readonly unseen: readonly UnseenImage[]
}

/** The same, and the list. */
export interface SeenList extends SeenImages {
  readonly list: ImageList
}

/** Looks at the images of a list at their sources and targets; again where some turn out to be bundles. */
export async function seeImages(run: Run, list: ImageList, looking: Looking): Promise<SeenList> {
  const first = await lookAtImages(run, list.images, looking)
  const found = first.images.flatMap(({ image, graph, isGone }) =>
    graph === undefined || isGone ? [] : [{ image, graph }],
  )
  const whole = await followFound(run, list, found)
  const seen = whole === list ? first : await lookAtImages(run, whole.images, looking)
  return { ...seen, list: whole }
}

/** Looks at images; one that cannot be looked at does not stop the others. */
export async function lookAtImages(
  run: Run,
  images: readonly ListedImage[],
  looking: Looking,
): Promise<SeenImages> {
  const settled = await settleAll(images, IMAGES_AT_A_TIME, (image) => see(run, image, looking))
  return {
    images: valuesOf(settled),
    unseen: images.flatMap((image, index) => {
      const one = settled[index]
      return one !== undefined && 'error' in one
        ? [{ image, error: one.error.locatedAt(image.location) }]
        : []
    }),
  }
}

/** What a target has is not read from the source: whether that has the image at all is asked where it shows nothing of it. */
async function see(
  { settings, services }: Run,
  image: ListedImage,
  looking: Looking,
): Promise<ComparedImage> {
  const { registries } = services
  const seen = await lookAtImage(image, settings, registries, looking)
  const { repository, digest } = image.reference
  const showsNothing = seen.graph?.attached.length === 0
  const isGone =
    seen.graph === undefined ||
    (showsNothing && (await registries.source(repository).resolve(digest)) === undefined)
  return { ...seen, isGone }
}
