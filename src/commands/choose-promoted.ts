import { PromotionError } from '../errors.ts'
import { imageNotFound } from '../graph/image-not-found.ts'
import { formatReference } from '../oci/reference.ts'
import { assemblePlan } from '../plan/assemble-plan.ts'
import { HeldBlobs } from '../plan/held-blobs.ts'
import type { LookedAtImage } from '../plan/look-at-image.ts'
import type { ComparedImage } from './see-images.ts'

/** What `repair` can work on, and why it leaves the rest. */
export interface ChosenImages {
  /** With those of their targets only that have the image. */
  readonly promoted: readonly LookedAtImage[]
  readonly left: readonly PromotionError[]
}

/** Leaves out images that the source does not have any more, targets that do not have the image, and what cannot be merged there. */
export function choosePromoted(seen: readonly ComparedImage[]): ChosenImages {
  const left: PromotionError[] = []
  const promoted = seen.flatMap((one) => {
    const { image, graph, isGone, targets } = one
    if (graph === undefined || isGone) {
      left.push(imageNotFound(image.reference).locatedAt(image.location))
      return []
    }
    left.push(...notPromoted(one))
    const there = { ...one, graph, targets: targets.filter(({ state }) => state.graph !== undefined) }
    const { problems } = assemblePlan([there], new HeldBlobs(), { existingTags: 'refuse' })
    left.push(...problems)
    return there.targets.length === 0 || problems.length > 0 ? [] : [there]
  })
  return { promoted, left }
}

function notPromoted({ image, targets }: ComparedImage): readonly PromotionError[] {
  return targets
    .filter(({ state }) => state.graph === undefined)
    .map(({ repository }) => {
      const reference = formatReference({ repository, digest: image.reference.digest })
      return new PromotionError('drift', `${reference} is not there, and repair mends only images that are`, {
        hint: 'Run `promote` with the same list, if it should be there.',
      }).locatedAt(image.location)
    })
}
