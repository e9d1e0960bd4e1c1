import { UNPRINTABLE } from './safe-text.ts'

/**
 * Text as one word of a shell, in quotes that no shell looks into where it needs any: on one line that cannot end a block of Markdown, and
 * without what is not seen, so that what is shown is what is pasted.
 */
export function shellWord(text: string): string {
  const line = text.replace(UNPRINTABLE, ' ').replaceAll('`', ' ')
  // In zsh `=ls` is the path of a program.
  return /^(?!=)[\w@%+=:,./-]+$/.test(line) ? line : `'${line.replaceAll("'", `'\\''`)}'`
}
