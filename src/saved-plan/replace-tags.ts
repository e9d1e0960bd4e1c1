import { PromotionError } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import { isToMove } from '../oci/is-to-move.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import { tagBefore } from '../oci/tag-before.ts'
import type { PlannedImage, PlannedTarget, TagChange } from '../plan/plan.ts'
import type { SavedImage, SavedTarget } from './saved-plan.ts'

type SavedTag = SavedTarget['tags'][number]

/** An image with the tags that a saved plan decided, and what speaks against them. */
export interface ReplacedTags {
  readonly image: PlannedImage
  readonly problems: readonly PromotionError[]
}

/**
 * An image with the tags as a saved plan decided them; those that point at the image already were moved by an earlier try to apply it. The
 * problems are of kind `outdated`, one for each that points anywhere else by now. Throws a PromotionError of kind `input` where the targets are
 * others than those of the plan.
 */
export function replaceTags(saved: SavedImage, planned: PlannedImage): ReplacedTags {
  const { graph, image, targets } = planned
  const { digest } = graph.root.descriptor
  requireSamePlaces(saved, targets)
  const problems: PromotionError[] = []
  const replaced = targets.map((target, at) => ({
    ...target,
    tags: target.tags.map((now, index) => {
      const before = saved.targets[at]?.tags[index]
      const change = before && changeOf(before, now, digest)
      if (change === undefined)
        problems.push(movedSince(target, digest, now, before).locatedAt(image.location))
      return change ?? now
    }),
  }))
  return { image: { ...planned, targets: replaced }, problems }
}

/**
 * The same images, where all tags of the plan have moved already: it has succeeded before, and there is nothing that a failure now could put
 * back. Where some have not, an earlier run was ended among them.
 */
export function settleTags(images: readonly PlannedImage[]): readonly PlannedImage[] {
  const changes = images.flatMap(({ targets }) => targets.flatMap(({ tags }) => tags))
  if (changes.some(isToMove)) return images
  return images.map((image) => ({
    ...image,
    targets: image.targets.map((target) => ({
      ...target,
      tags: target.tags.map((change) => (change.isDone ? { ...change, isSettled: true as const } : change)),
    })),
  }))
}

/** The change as it was saved; undefined where the tag is neither where it was nor where it is to be. */
function changeOf(before: SavedTag, now: TagChange, digest: Digest): TagChange | undefined {
  const [then, current] = [tagBefore(before, digest), tagBefore(now, digest)]
  if (current === then) return before
  return current === digest ? { ...before, isDone: true } : undefined
}

function requireSamePlaces(
  { written, targets: before }: SavedImage,
  targets: readonly PlannedTarget[],
): void {
  const [then, now] = [
    before.map(({ repository, tags }) => placeOf(repository, tags)),
    targets.map(({ repository, tags }) => placeOf(formatRepository(repository), tags)),
  ].map((places) => places.join(', '))
  if (then === now) return
  throw new PromotionError(
    'input',
    `The plan brings "${written}" to ${then}, and its own templates to ${now}`,
    {
      hint: 'Make the plan anew, with the version of this program that applies it.',
    },
  )
}

function placeOf(repository: string, tags: readonly { readonly tag: string }[]): string {
  return [repository, ...tags.map(({ tag }) => tag)].join(':')
}

function movedSince(
  { repository }: PlannedTarget,
  digest: Digest,
  now: TagChange,
  before: SavedTag | undefined,
): PromotionError {
  const name = formatReference({ repository, tag: now.tag })
  const [current, then] = [tagBefore(now, digest), before && tagBefore(before, digest)]
  return new PromotionError(
    'outdated',
    `${name} points at ${current ?? 'nothing'} now, and at ${then ?? 'nothing'} when the plan was made`,
    { hint: 'Nothing was written. Find out who moved it; then make the plan anew, and have it approved.' },
  )
}
