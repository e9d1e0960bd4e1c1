/** The lines as items of a list in Markdown, `most` of them at most, and how many are left out. */
export function itemsOf(lines: readonly string[], most: number): readonly string[] {
  const left = lines.length - most
  return [...lines.slice(0, most).map((line) => `- ${line}`), ...(left > 0 ? [`- …and ${left} more.`] : [])]
}
