import { readFileSync, writeFileSync } from 'node:fs'
import { INPUTS, OUTPUTS } from '../src/inputs/definitions.ts'
import { formatTable, replaceBetween } from './markdown.ts'

const README = new URL('../README.md', import.meta.url)

/** The README's text with the tables between its markers made anew from the definitions; throws when a marker is missing. */
export function updateTables(readme: string): string {
  const inputs = INPUTS.map((input) => [`\`${input.name}\``, input.meaning, code(input.default)])
  const outputs = OUTPUTS.map((output) => [`\`${output.name}\``, output.meaning])
  const withInputs = replaceBetween(readme, 'inputs', formatTable(['Input', 'Meaning', 'Default'], inputs))
  return replaceBetween(withInputs, 'outputs', formatTable(['Output', 'Meaning'], outputs))
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
