import { readFileSync, writeFileSync } from 'node:fs'
import { INPUTS, OUTPUTS } from '../src/inputs/definitions.ts'

const README = new URL('../README.md', import.meta.url)

/** The README's text with the tables between its markers made anew from the definitions; throws when a marker is missing. */
export function updateTables(readme: string): string {
  const inputs = INPUTS.map((input) => [`\`${input.name}\``, input.meaning, code(input.default)])
  const outputs = OUTPUTS.map((output) => [`\`${output.name}\``, output.meaning])
  const withInputs = replaceBetween(readme, 'inputs', table(['Input', 'Meaning', 'Default'], inputs))
  return replaceBetween(withInputs, 'outputs', table(['Output', 'Meaning'], outputs))
}

function replaceBetween(text: string, marker: string, content: string): string {
  const [opening, closing] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`]
  const start = text.indexOf(opening)
  const end = text.indexOf(closing, start)
  if (start < 0 || end < 0) throw new Error(`README.md lacks ${opening} or ${closing} behind it`)
  return `${text.slice(0, start)}${opening}\n${content}\n${text.slice(end)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

if (import.meta.main) {
  const before = readFileSync(README, 'utf8')
  const after = updateTables(before)
  if (after !== before) writeFileSync(README, after)
  process.stdout.write(after === before ? 'README.md is up to date\n' : 'README.md was updated\n')
}
