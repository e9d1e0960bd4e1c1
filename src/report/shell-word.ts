/** Text as one word of a shell: in quotes that no shell looks into where it needs any, and on one line that cannot end a block of Markdown. */
export function shellWord(text: string): string {
  const line = text.replace(/[\p{Cc}`]+/gu, ' ')
  return /^[\w@%+=:,./-]+$/.test(line) ? line : `'${line.replaceAll("'", `'\\''`)}'`
}
