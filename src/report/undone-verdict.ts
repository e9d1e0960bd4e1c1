import { numberOfEach } from './number-of-each.ts'
import { count } from './safe-text.ts'
import { UNDONE_FACTS, type UndoneTag } from './undone-tag.ts'

/** What a rollback did to the tags of a promotion, in numbers. */
export function undoneVerdict(tags: readonly UndoneTag[]): string {
  const undone = tags.filter(({ outcome }) => outcome === 'put back' || outcome === 'removed').length
  return [
    undone === 0 ? 'no tag was undone' : `${count(undone, 'tag')} undone`,
    ...(tags.length === 0 ? [] : [numberOfEach(tags.map(({ outcome }) => UNDONE_FACTS[outcome]))]),
  ].join(', ')
}
