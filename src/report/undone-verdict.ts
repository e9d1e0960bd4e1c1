import { count } from './safe-text.ts'
import { UNDONE_FACTS, type UndoneTag } from './undone-tag.ts'

/** What a rollback did to the tags of a promotion, in numbers. */
export function undoneVerdict(tags: readonly UndoneTag[]): string {
  const numbers = new Map<string, number>()
  for (const { outcome } of tags)
    numbers.set(UNDONE_FACTS[outcome], (numbers.get(UNDONE_FACTS[outcome]) ?? 0) + 1)
  const undone = tags.filter(({ outcome }) => outcome === 'put back' || outcome === 'removed').length
  return [
    undone === 0 ? 'no tag was undone' : `${count(undone, 'tag')} undone`,
    ...[...numbers].map(([fact, number]) => `${number} ${fact}`),
  ].join(', ')
}
