import { parseArgs } from 'node:util'
import { PromotionError } from '../errors.ts'
import { maskCredentials } from '../oci/mask-credentials.ts'
import { COMMANDS, INPUTS } from './definitions.ts'
import type { InputDefinition } from './input-definition.ts'
import { nearestName } from './nearest-name.ts'

/** What was typed: raw inputs for `parseSettings`, and the flags that only a terminal has. */
export interface Arguments {
  /** Why `raw` must not be used; a person who asks for help or the version is not told. */
  readonly problems: readonly PromotionError[]
  readonly raw: ReadonlyMap<string, string>
  /** Print the report as JSON instead of text. */
  readonly json: boolean
  readonly help: boolean
  readonly version: boolean
}

const SWITCHES = ['json', 'help', 'version'] as const
const DEFINITIONS: readonly InputDefinition[] = INPUTS
const SECRETS = DEFINITIONS.filter(({ kind }) => kind === 'secret' || kind === 'secret-lines')
const VALUED = DEFINITIONS.filter((input) => !SECRETS.includes(input) && input.name !== 'command')

type Token = NonNullable<ReturnType<typeof tokenise>>[number]
type OptionToken = Extract<Token, { kind: 'option' }>

/**
 * Reads the words behind the program's name. The first word is the command; a list takes its flag several times, or lines in one value.
 * Secrets come from variables such as SIGNED_PROMOTE_KEY_PASSWORD in `environment`, never from a flag. Problems
 * are PromotionErrors of kind `input`.
 */
export function fromArguments(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Arguments {
  const tokens = tokenise(words)
  const options = tokens.filter((token) => token.kind === 'option')
  const has = (name: string) => options.some((option) => option.name === name && option.value === undefined)
  const problems = options.map(judgeOption).filter((problem) => problem !== undefined)
  const raw = new Map<string, string>()
  // Behind an unknown flag a stray word may be its value, and that value a secret: it is not called out.
  problems.push(...readCommand(tokens, raw, problems.length === 0))
  problems.push(...readValues(options, raw))
  for (const { name } of SECRETS) {
    const value = environment[variableOf(name)]
    if (value !== undefined && value !== '') raw.set(name, value)
  }
  return { problems, raw, json: has('json'), help: has('help'), version: has('version') }
}

function tokenise(words: readonly string[]) {
  const valued = [...VALUED, ...SECRETS].map(
    ({ name }) => [name, { type: 'string', multiple: true }] as const,
  )
  const switches = SWITCHES.map((name) => [name, { type: 'boolean' }] as const)
  const short = { help: { type: 'boolean', short: 'h' } } as const
  return parseArgs({
    args: [...words],
    options: { ...Object.fromEntries([...valued, ...switches]), ...short },
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens
}

function judgeOption({ name, value, inlineValue }: OptionToken): PromotionError | undefined {
  if (SWITCHES.some((known) => known === name)) {
    return value === undefined ? undefined : badFlag(`--${name} takes no value`, `Write --${name} alone.`)
  }
  if (SECRETS.some((secret) => secret.name === name)) {
    const hint = `Set the environment variable ${variableOf(name)} instead${name === 'key-password' ? ', or COSIGN_PASSWORD' : ''}.`
    return badFlag(`--${name} is not taken as a flag: every program on this machine could read it`, hint)
  }
  if (name === 'command') {
    return badFlag(
      '--command is not a flag',
      'Write the command as the first word: promote, plan, sign or verify.',
    )
  }
  if (!VALUED.some((input) => input.name === name)) return unknownFlag(name)
  if (value === undefined || (!inlineValue && value.startsWith('-'))) {
    return badFlag(`--${name} needs a value`, howToGive(name))
  }
  return undefined
}

function howToGive(name: string): string {
  const { allowed = [] } = VALUED.find((input) => input.name === name) ?? {}
  if (allowed.includes('true')) return `Write --${name} true.`
  return `Write --${name} VALUE, or --${name}=VALUE if it begins with a dash.`
}

function unknownFlag(name: string): PromotionError {
  const nearest = nearestName(name, [...VALUED.map((input) => input.name), ...SWITCHES])
  const flag = name.length === 1 ? `-${name}` : `--${name}`
  const hint = nearest === undefined ? 'See --help for all flags.' : `Did you mean --${nearest}?`
  return badFlag(`There is no flag ${flag}`, hint)
}

function readCommand(
  tokens: readonly Token[],
  raw: Map<string, string>,
  callsOutStrays: boolean,
): readonly PromotionError[] {
  const words = tokens.filter((token) => token.kind === 'positional')
  const [first] = words
  const hasCommand = first?.index === 0
  if (hasCommand) raw.set('command', first.value)
  const strays = words.slice(hasCommand ? 1 : 0)
  const hint = `The first word is the command (${Object.keys(COMMANDS).join(', ')}); give all else by flags.`
  return callsOutStrays
    ? strays.map(({ value }) => badFlag(`"${maskCredentials(value)}" is out of place`, hint))
    : []
}

function readValues(options: readonly OptionToken[], raw: Map<string, string>): readonly PromotionError[] {
  const problems: PromotionError[] = []
  for (const { name, value } of options) {
    const definition = VALUED.find((input) => input.name === name)
    if (definition === undefined || value === undefined) continue
    const earlier = raw.get(name)
    if (earlier === undefined) {
      raw.set(name, value)
    } else if (definition.kind === 'lines') {
      raw.set(name, `${earlier}\n${value}`)
    } else {
      problems.push(badFlag(`--${name} is given twice`, 'Give it once; it takes one value.'))
    }
  }
  return problems
}

function variableOf(name: string): string {
  return `SIGNED_PROMOTE_${name.replaceAll('-', '_').toUpperCase()}`
}

function badFlag(message: string, hint: string): PromotionError {
  return new PromotionError('input', message, { hint })
}
