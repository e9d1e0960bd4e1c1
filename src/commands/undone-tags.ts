import type { MoveOutcome } from '../copy/apply-moves.ts'
import { nameOfMove } from '../copy/tag-move.ts'
import { formatReference } from '../oci/reference.ts'
import type { FoundTag } from '../plan/plan-rollback.ts'
import type { UndoneTag } from '../report/undone-tag.ts'

/** What became of each promoted tag; without an outcome no tag has been moved yet. */
export function undoneTags(
  found: readonly FoundTag[],
  outcome: MoveOutcome | undefined,
): readonly UndoneTag[] {
  const made = new Set(outcome?.made.map(nameOfMove))
  const areAllBack = outcome !== undefined && outcome.error === undefined
  return found.map(({ repository, tag, promoted, previous = null, now = null, undo }) => {
    const name = formatReference({ repository, tag })
    if (undo === undefined) {
      return { tag: name, from: now, to: now, outcome: now === previous ? 'back already' : 'moved on' }
    }
    if (made.has(name)) {
      return { tag: name, from: promoted, to: previous, outcome: previous === null ? 'removed' : 'put back' }
    }
    // Whoever else undoes the same promotion may have been quicker.
    return areAllBack
      ? { tag: name, from: previous, to: previous, outcome: 'back already' }
      : { tag: name, from: promoted, to: promoted, outcome: 'left' }
  })
}
