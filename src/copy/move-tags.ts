import type { PromotionError } from '../errors.ts'
import type { RepositoryName } from '../oci/reference.ts'
import { tagBefore } from '../oci/tag-before.ts'
import type { Plan, PlannedImage, PlannedTarget, TagChange } from '../plan/plan.ts'
import type { Registries } from '../registry/repository.ts'
import { applyMoves, type MoveWords } from './apply-moves.ts'
import { nameOfMove, type TagMove } from './tag-move.ts'

/** One tag that was made or moved, or by a rollback removed or put back. */
export interface MovedTag {
  readonly repository: RepositoryName
  readonly tag: string
  readonly action: 'create' | 'move' | 'remove' | 'put back'
  /** It was an earlier run that moved it, of the same saved plan. */
  readonly byEarlierRun?: true
}

/** The tags that point at the promoted images because of this run, and why not all of them do. */
export interface TagOutcome {
  readonly moved: readonly MovedTag[]
  readonly error?: PromotionError
}

const WORDS: MoveWords = {
  seen: 'when the promotion was planned',
  allBack: 'no tag is left on a new image',
  hint: 'Everything else is in place; run again to move the tags.',
}

/**
 * Moves the tags of all images in all targets, when all that they lead to is there, and reads each one back. A tag that no longer points where
 * the plan saw it stops it before the first move; a failure puts back what was moved so far, and `moved` then holds those of which it is
 * not proven. `patience` is the waits in milliseconds before a tag is looked at again.
 */
export async function moveTags(
  plan: Plan,
  registries: Registries,
  patience?: readonly number[],
): Promise<TagOutcome> {
  const { made, error } = await applyMoves(movesOf(plan), {
    registries,
    words: WORDS,
    ...(patience && { patience }),
  })
  return { moved: made.map(movedTag), ...(error && { error }) }
}

/** The tags that an earlier run of the same saved plan has moved. */
export function movedBefore(plan: Plan): readonly MovedTag[] {
  return movesOf(plan)
    .filter(({ isDone }) => isDone)
    .map(movedTag)
}

/** Those that stay where they are as well: each of them is looked at before the first one moves. */
function movesOf({ images }: Plan): readonly TagMove[] {
  const moves = images.flatMap((image) =>
    image.targets.flatMap((target) => target.tags.map((change) => moveOf(image, target, change))),
  )
  return [...new Map(moves.map((move) => [nameOfMove(move), move])).values()]
}

function moveOf({ graph }: PlannedImage, { repository }: PlannedTarget, change: TagChange): TagMove {
  const { tag, isDone, isSettled } = change
  const { digest } = graph.root.descriptor
  if (isSettled) return { repository, tag, from: digest, to: graph.root }
  return { repository, tag, from: tagBefore(change, digest), to: graph.root, ...(isDone && { isDone }) }
}

function movedTag({ repository, tag, from, isDone }: TagMove): MovedTag {
  const action = from === undefined ? 'create' : 'move'
  return { repository, tag, action, ...(isDone && { byEarlierRun: true }) }
}
