import { EXIT_CODES } from '../errors.ts'
import { COMMANDS, INPUTS, type InputDefinition } from './definitions.ts'

const WIDTH = 80
const INDENT = 24

const SWITCHES: readonly (readonly [flag: string, meaning: string])[] = [
  ['--json', 'Print the report as JSON.'],
  ['--help, -h', 'Print this text.'],
  ['--version', 'Print the version.'],
]

/** The text of `--help`, made from the tables of commands, inputs and exit codes; at most 80 columns wide. */
export function helpText(): string {
  const definitions: readonly InputDefinition[] = INPUTS
  const inputs = definitions.filter(({ name }) => name !== 'command')
  const codes = Object.entries(EXIT_CODES).map(([kind, code]) => `${code} ${kind}`)
  return [
    'Usage: signed-promote [COMMAND] [--NAME VALUE]...',
    '',
    'Promotes container images with all their signatures between OCI registries.',
    '',
    'Commands:',
    ...Object.entries(COMMANDS).map(([name, meaning]) => entry(name, meaning)),
    '',
    'Inputs (a list takes its flag several times, or one entry a line):',
    ...inputs.map((input) => entry(flagOf(input), meaningOf(input))),
    '',
    'Flags:',
    ...SWITCHES.map(([flag, meaning]) => entry(flag, meaning)),
    '',
    'Exit codes:',
    ...wrap(`0 success; plan ends with 2 when there is work to do; ${codes.join(', ')}.`, '  '),
    '',
  ].join('\n')
}

function flagOf({ name, kind }: InputDefinition): string {
  const isSecret = kind === 'secret' || kind === 'secret-lines'
  return isSecret ? `$SIGNED_PROMOTE_${name.replaceAll('-', '_').toUpperCase()}` : `--${name}`
}

function meaningOf(input: InputDefinition): string {
  const usual = input.default === '' ? '' : ` Default: ${input.default}.`
  return `${input.meaning.replaceAll('`', '')}${usual}`
}

function entry(name: string, meaning: string): string {
  const indent = ' '.repeat(INDENT)
  const lines = wrap(meaning, indent)
  const [first = '', ...others] = lines
  const head = `  ${name}`
  return head.length < INDENT
    ? [head.padEnd(INDENT) + first.trimStart(), ...others].join('\n')
    : [head, ...lines].join('\n')
}

function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let line = indent.trimEnd()
  for (const word of text.split(' ')) {
    const isFirst = line.trim() === ''
    const longer = isFirst ? `${indent}${word}` : `${line} ${word}`
    if (longer.length <= WIDTH || isFirst) {
      line = longer
    } else {
      lines.push(line)
      line = `${indent}${word}`
    }
  }
  return [...lines, line]
}
