import { type MarkdownTable, markdownRow } from './fit-markdown.ts'
import { markdownCode } from './safe-text.ts'
import { shortDigest } from './short-digest.ts'
import { UNDONE_FACTS, type UndoneTag } from './undone-tag.ts'

const TITLES: readonly string[] = ['Tag', 'From', 'To', '']

/** What became of each tag of a promotion that was to be undone, a row each. */
export function undoneTable(tags: readonly UndoneTag[]): MarkdownTable {
  return { titles: TITLES, rows: tags.map(undoneRow) }
}

function undoneRow({ tag, from, to, outcome }: UndoneTag): string {
  const ends = [from, to].map((end) => (end === null ? 'nothing' : markdownCode(shortDigest(end))))
  return markdownRow([markdownCode(tag), ...ends, UNDONE_FACTS[outcome]])
}
