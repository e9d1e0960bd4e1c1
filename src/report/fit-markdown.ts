/** How much text fits somewhere. */
export interface Room {
  readonly limit: number
  /** Of one text, in what the limit counts. */
  readonly measure: (text: string) => number
}

/** A table for Markdown: the titles of its columns, and its rows as lines; one without rows is not shown. */
export interface MarkdownTable {
  readonly titles: readonly string[]
  readonly rows: readonly string[]
}

/** A text of Markdown with a table that is shortened where all of it would be too much. */
export interface MarkdownDocument {
  readonly before: readonly string[]
  readonly table: MarkdownTable
  readonly after: readonly string[]
}

/** What `…and so many more.` takes, and the line ends around it. */
const RESERVE = 64

/** Puts the document together, with as many rows of its table as there is room for, and says how many are left out. */
export function fitMarkdown({ before, table, after }: MarkdownDocument, room: Room): string {
  const { rows } = table
  const head = markdownHead(table.titles)
  const used = sizeOf([...before, ...head, ...after], room) + RESERVE
  const shown = fittingLines(rows, { ...room, limit: room.limit - used })
  const left = rows.length - shown.length
  const more = left > 0 ? ['', `…and ${left} more.`] : []
  const middle = rows.length === 0 ? [] : [...head, ...shown, ...more, '']
  return `${[...before, ...middle, ...after].join('\n')}\n`
}

/** The first lines, as many as there is room for. */
export function fittingLines(lines: readonly string[], room: Room): readonly string[] {
  let used = 0
  const end = lines.findIndex((line) => {
    used += sizeOf([line], room)
    return used > room.limit
  })
  return end < 0 ? lines : lines.slice(0, end)
}

/** What lines take, with their ends. */
export function sizeOf(lines: readonly string[], { measure }: Room): number {
  return lines.reduce((sum, line) => sum + measure(line) + 1, 0)
}

/** The lines above the rows of a table. */
export function markdownHead(titles: readonly string[]): readonly string[] {
  return [markdownRow(titles), markdownRow(titles.map(() => '---'))]
}

/** A row of a table; the cells are Markdown. */
export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
