import { PromotionError } from '../errors.ts'
import { cutText } from '../oci/cut-text.ts'

/** The text of a variable, which may be empty; undefined when it is not set. */
export type LookUp = (name: string) => string | undefined

/** What the variables of a compose file stand for. */
export interface Variables {
  readonly lookUp: LookUp
  /** Told of a variable that counts as empty, because it is not set and nothing else is written for it. */
  readonly onUnset: (name: string) => void
}

/** The most characters of a value, before and after: variables can name variables. */
const LONGEST = 65_536
const DEEPEST = 32

const ESCAPED = /\$\$/y
const NAMED = /\$([a-z_]\w*)/iy
const BRACED = /\$\{([a-z_]\w*)(?:(:?[-?+])|(?=\}))/iy
const HINT = `Write \${NAME}, \${NAME:-default}, \${NAME:?message} or \${NAME:+text}, and $$ for a dollar sign.`

/**
 * Puts the values of variables into a text (compose specification, "Interpolation"): `$NAME`, `${NAME}`, `:-` and `-` with what stands in
 * for a missing value, `:+` and `+` with what stands in for one that is there, `:?` and `?` with the message to end with, all nested, and
 * `$$`. Throws a PromotionError of kind `input`.
 */
export function interpolate(text: string, variables: Variables): string {
  if (text.length > LONGEST) throw tooLong()
  let result = ''
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at)
    const plain = dollar < 0 ? text.length : dollar
    result += text.slice(at, plain)
    if (dollar < 0) break
    const { value, end } = substitute(text, dollar, variables)
    result += value
    at = end
    if (result.length > LONGEST) throw tooLong()
  }
  return result
}

/** What the dollar sign at this place stands for, and where the text goes on. */
function substitute(text: string, at: number, variables: Variables): { value: string; end: number } {
  if (matchAt(ESCAPED, text, at)) return { value: '$', end: at + 2 }
  const named = matchAt(NAMED, text, at)
  if (named?.[1] !== undefined) return { value: required(named[1], variables), end: at + named[0].length }
  if (text[at + 1] !== '{') return { value: '$', end: at + 1 }
  const braced = matchAt(BRACED, text, at)
  const end = closingBrace(text, at + 1)
  if (braced?.[1] === undefined || end < 0) throw malformed()
  const [whole, name, operator] = braced
  const word = text.slice(at + whole.length, end)
  return { value: choose({ name, operator, word }, variables), end: end + 1 }
}

interface Choice {
  readonly name: string
  readonly operator: string | undefined
  readonly word: string
}

function choose({ name, operator, word }: Choice, variables: Variables): string {
  if (operator === undefined) return required(name, variables)
  const value = variables.lookUp(name)
  // With a colon an empty value counts as none.
  const isThere = value !== undefined && (value !== '' || !operator.startsWith(':'))
  if (operator.endsWith('+')) return isThere ? interpolate(word, variables) : (value ?? '')
  if (isThere) return value
  if (operator.endsWith('-')) return interpolate(word, variables)
  // As it is written: the values of variables in it may be secrets.
  const why = word === '' ? '' : `: ${cutText(word)}`
  throw new PromotionError(
    'input',
    `The variable ${name} is ${value === undefined ? 'not set' : 'empty'}${why}`,
    {
      hint: `Set ${name} in a file that \`compose-env-file\` names; variables of the process are not used.`,
    },
  )
}

function required(name: string, variables: Variables): string {
  const value = variables.lookUp(name)
  if (value === undefined) variables.onUnset(name)
  return value ?? ''
}

/** Where the brace closes that opens at this place; -1 when none does, or when it holds too many others. */
function closingBrace(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return at
    if (depth > DEEPEST) return -1
  }
  return -1
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** The text is not shown: what stands in an env file may be a secret. */
function malformed(): PromotionError {
  return new PromotionError('input', 'A variable is not well formed', { hint: HINT })
}

function tooLong(): PromotionError {
  return new PromotionError('input', `A value with variables is longer than ${LONGEST} characters`, {
    hint: 'Write it with fewer variables.',
  })
}
