import { type ErrorKind, EXIT_CODES } from '../errors.ts'
import { COMMANDS, INPUTS } from './definitions.ts'
import type { InputDefinition } from './input-definition.ts'

const WIDTH = 80
const INDENT = 24
const CODE_INDENT = 7

const SWITCHES: readonly (readonly [flag: string, meaning: string])[] = [
  ['--json', 'Print the report as JSON.'],
  ['--help, -h', 'Print this text.'],
  ['--version', 'Print the version.'],
]

const ENDINGS: Readonly<Record<ErrorKind, string>> = {
  internal: 'This program has a defect.',
  input: 'Something you gave cannot be used, or an image is not there.',
  registry: 'A registry refused, failed or lied.',
  verification: 'An image does not satisfy the policy.',
  signing: 'A signature could not be made.',
  conflict: 'A target holds something that must not be overwritten, such as a tag.',
  incomplete: 'Something is not whole at the source or a target, or the deadline passed.',
  drift: 'A target holds something else than the list and the policy say.',
  outdated: 'What the saved plan was made from has changed since: plan again.',
  interrupted: 'The run was told to stop.',
}

/** The text of `--help`, made from the tables of commands, inputs and exit codes; at most 80 columns wide. */
export function helpText(): string {
  const definitions: readonly InputDefinition[] = INPUTS
  const inputs = definitions.filter(({ name }) => name !== 'command')
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
    ...exitCodes().map(([code, meaning]) => entry(String(code), meaning, CODE_INDENT)),
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

function exitCodes(): readonly (readonly [code: number, meaning: string])[] {
  const failures = Object.entries(EXIT_CODES).map(
    ([kind, code]) => [code, ENDINGS[kind as ErrorKind]] as const,
  )
  const successes = [
    [0, 'Done; for plan: nothing to do.'],
    [2, 'For plan: promoting would change something.'],
  ] as const
  return [...successes, ...failures].sort(([one], [other]) => one - other)
}

function entry(name: string, meaning: string, column = INDENT): string {
  const indent = ' '.repeat(column)
  const lines = wrap(meaning, indent)
  const [first = '', ...others] = lines
  const head = `  ${name}`
  return head.length < column
    ? [head.padEnd(column) + first.trimStart(), ...others].join('\n')
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
