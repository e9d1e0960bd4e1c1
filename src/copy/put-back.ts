import pMap from 'p-map'
import { pause } from '../concurrency.ts'
import type { Registries } from '../registry/repository.ts'
import { type BegunMove, manifestAt } from './tag-move.ts'

/**
 * Puts tags back to where they were, the last one first and at most `concurrency` at a time, and looks until all are seen to be back; those
 * that are not are returned. `patience` is the waits in milliseconds before a tag is looked at again.
 */
export async function putBack(
  begun: readonly BegunMove[],
  registries: Registries,
  patience: readonly number[],
  concurrency: number,
): Promise<readonly BegunMove[]> {
  const latest = begun.toReversed()
  const ends = await pMap(latest, (move) => undo(move, registries), { concurrency })
  const stuck = latest.filter((_, index) => ends[index] === 'stuck')
  let unseen = latest.filter((_, index) => ends[index] === 'to be seen')
  for (const wait of [0, ...patience]) {
    if (unseen.length > 0) await pause(wait, undefined)
    const back = await pMap(unseen, (move) => isBack(move, registries), { concurrency })
    unseen = unseen.filter((_, index) => !back[index])
  }
  return [...unseen, ...stuck]
}

/**
 * Writes a tag back. An answer that shows the old state may come from a cache and is no reason to leave it; only what is neither the old
 * nor the new state was another hand, and what that one wants is not ours to undo.
 */
async function undo(move: BegunMove, registries: Registries): Promise<'to be seen' | 'not ours' | 'stuck'> {
  const { repository, tag, from, to, before, answer } = move
  if (answer === 'refused') return 'not ours'
  if (before === 'lost') return 'stuck'
  const unproven = answer === 'taken' ? 'stuck' : 'to be seen'
  const target = registries.target(repository)
  try {
    const now = (await manifestAt(move, registries))?.descriptor.digest
    if (![undefined, from, to?.descriptor.digest].includes(now)) return 'not ours'
    if (before !== undefined) await target.tag(tag, before)
    else if (!(await target.removeTag(tag))) return unproven
    return 'to be seen'
  } catch {
    // The failure that led here is the one that is thrown; a tag that is not seen to be back is named in it.
    return unproven
  }
}

/** Whether a tag is seen where it was before. */
async function isBack(move: BegunMove, registries: Registries): Promise<boolean> {
  try {
    return (await manifestAt(move, registries))?.descriptor.digest === move.from
  } catch {
    // Not seen is not proven.
    return false
  }
}
