/** A Markdown table; a `|` in a cell is escaped. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A text with what stands between `<!-- marker -->` and `<!-- /marker -->` replaced; throws when one of them is missing. */
export function replaceBetween(text: string, marker: string, content: string): string {
  const [opening, closing] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`]
  const start = text.indexOf(opening)
  const end = text.indexOf(closing, start)
  if (start < 0 || end < 0) throw new Error(`the text lacks ${opening} or ${closing} behind it`)
  return `${text.slice(0, start)}${opening}\n${content}\n${text.slice(end)}`
}
