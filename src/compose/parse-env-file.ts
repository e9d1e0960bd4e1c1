import { PromotionError } from '../errors.ts'
import { interpolate, type LookUp, type Variables } from './interpolate.ts'

type OnUnset = Variables['onUnset']

/** Gives a variable's text, and tells which others count as empty in it; or throws why it has none. */
export type EnvValue = (onUnset: OnUnset) => string

/** Variables that count as empty in one value: values in values can gather them without end. */
const MOST_TOLD = 10
const SKIPPED = /(?:\s+|#[^\n]*)*/y
const NAME = /(?:export\s+)?([\p{L}\p{N}_.[\]-]+)[^\S\n]*(?:[=:][^\S\n]*|(\n|$))/uy
const SINGLE_QUOTED = /'([^'\\]*(?:\\[\s\S][^'\\]*)*)'/y
const DOUBLE_QUOTED = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y
const UNQUOTED = /[^\n]*/y
const ESCAPE = /\\([abfnrtv$\\]|0[0-3][0-7]{2})/g
const MEANINGS: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  $: '$$',
  '\\': '\\',
}

/**
 * Reads the variables of an env file as compose does (its documentation, "Env file syntax"): comments, `export`, values in single quotes as
 * they are, values in double quotes and without quotes with variables in them. `outer` is asked before the file's own earlier lines; a name
 * by itself has its value from there or nowhere, since nothing is taken from the process. Throws a PromotionError of kind `input` with its
 * line, which never quotes a value, for a line that is not well formed; what is wrong with a value is thrown to whoever asks for it, since
 * most values are nothing to images.
 */
export function parseEnvFile(text: string, file: string, outer: LookUp): ReadonlyMap<string, EnvValue> {
  return new EnvReader(text.replace(/^\ufeff/, ''), file, outer).read()
}

class EnvReader {
  readonly #text: string
  readonly #file: string
  readonly #outer: LookUp
  readonly #found = new Map<string, EnvValue>()
  #at = 0
  #counted = 0
  #line = 1

  constructor(text: string, file: string, outer: LookUp) {
    this.#text = text
    this.#file = file
    this.#outer = outer
  }

  read(): ReadonlyMap<string, EnvValue> {
    for (;;) {
      this.#take(SKIPPED)
      if (this.#at >= this.#text.length) return this.#found
      this.#readLine()
    }
  }

  #readLine(): void {
    const start = this.#at
    const [, name, end] = this.#take(NAME) ?? []
    if (name === undefined) throw this.#problem(start, 'does not begin with the name of a variable')
    const written = end === undefined ? this.#takeValue(start) : undefined
    const value = this.#attempt(start, (onUnset) =>
      written === undefined ? this.#inherit(name) : this.#expand(written, onUnset),
    )
    this.#found.set(name, value)
  }

  /** Takes a value with its quotes. */
  #takeValue(start: number): string {
    const quote = this.#text[this.#at]
    if (quote !== "'" && quote !== '"') return withoutComment(this.#take(UNQUOTED)?.[0])
    const [quoted] = this.#take(quote === "'" ? SINGLE_QUOTED : DOUBLE_QUOTED) ?? []
    if (quoted === undefined) throw this.#problem(start, `has a value whose ${quote} is not closed`)
    return quoted
  }

  #expand(written: string, onUnset: OnUnset): string {
    const quote = written.charAt(0)
    if (quote !== "'" && quote !== '"') return this.#interpolate(written, onUnset)
    const text = written.slice(1, -1).replaceAll(`\\${quote}`, quote)
    return quote === "'" ? text : this.#interpolate(text.replace(ESCAPE, meaningOf), onUnset)
  }

  /** Expands at once, because a later line can set anew what this one uses, and keeps an error for later. */
  #attempt(start: number, read: (onUnset: OnUnset) => string): EnvValue {
    const unset = new Set<string>()
    try {
      const text = read((name) => void (unset.size < MOST_TOLD && unset.add(name)))
      return (onUnset) => {
        for (const name of unset) onUnset(name)
        return text
      }
    } catch (error) {
      if (!(error instanceof PromotionError)) throw error
      error.locatedAt(this.#locate(start))
      return () => {
        throw error
      }
    }
  }

  #inherit(name: string): string {
    const value = this.#outer(name)
    if (value !== undefined) return value
    throw new PromotionError('input', `The variable ${name} is written without a value`, {
      hint: 'Write NAME=value: compose would take the value from the process, whose variables are not used here.',
    })
  }

  #interpolate(text: string, onUnset: OnUnset): string {
    return interpolate(text, {
      lookUp: (name) => this.#outer(name) ?? this.#found.get(name)?.(onUnset),
      onUnset,
    })
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match !== null) this.#at = pattern.lastIndex
    return match
  }

  /** Counts on from the line that was asked for last, which is never a later one. */
  #locate(offset: number): { file: string; line: number } {
    for (let at = this.#text.indexOf('\n', this.#counted); at >= 0 && at < offset; ) {
      this.#line += 1
      this.#counted = at + 1
      at = this.#text.indexOf('\n', this.#counted)
    }
    return { file: this.#file, line: this.#line }
  }

  #problem(offset: number, why: string): PromotionError {
    return new PromotionError('input', `The line ${why}`, {
      hint: 'Write each variable as NAME=value.',
      location: this.#locate(offset),
    })
  }
}

function withoutComment(line = ''): string {
  const comment = line.indexOf(' #')
  return (comment < 0 ? line : line.slice(0, comment)).trimEnd()
}

function meaningOf(written: string, code: string): string {
  return code.startsWith('0')
    ? String.fromCharCode(Number.parseInt(code.slice(1), 8))
    : (MEANINGS[code] ?? written)
}
