import type { DriftEntry, DriftKind } from '../check/drift-entry.ts'
import { count } from './safe-text.ts'

/** What a finding is counted as, and how that is said of one and of more; the gravest first. */
const COUNTED: readonly (readonly [kinds: readonly DriftKind[], one: string, more: string])[] = [
  [['image-missing'], 'image missing', 'images missing'],
  [['policy'], 'image unproven', 'images unproven'],
  [['tag-moved'], 'tag moved', 'tags moved'],
  [['tag-unproven'], 'unlisted image unproven', 'unlisted images unproven'],
  [['child-missing', 'attached-missing'], 'image to repair', 'images to repair'],
  [['locations'], 'list of image locations off', 'lists of image locations off'],
  [['tag-missing'], 'tag missing', 'tags missing'],
  [['tag-extra'], 'extra tag', 'extra tags'],
]

/** What a check found, in a few words; `errors` counts the findings and what could not be found out. */
export function driftVerdict(drift: readonly DriftEntry[], errors: number): string {
  const found = COUNTED.flatMap(([kinds, one, more]) => {
    const among = drift.filter(({ kind }) => kinds.includes(kind))
    const number = kinds.length === 1 ? among.length : new Set(among.map(({ target }) => target)).size
    return number === 0 ? [] : [`${number} ${number === 1 ? one : more}`]
  }).join(', ')
  const others = errors - drift.length
  return others > 0 ? `${found}, and ${count(others, 'error')} besides` : found
}
