import { isDeepStrictEqual } from 'node:util'
import {
  type CollectionTag,
  Composer,
  CST,
  type Document,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  type ScalarTag,
  stringify,
  type YAMLError,
} from 'yaml'
import type { FileLocation } from '../errors.ts'
import { STRICT, type YamlDialect } from './dialect.ts'
import { SourceProblems } from './source-problems.ts'
import { TreeBuilder, type TreeSource } from './tree-builder.ts'

/** A value of a YAML file with the place where it is written, and the local tag in front of it, if its dialect has such. */
export type YamlNode = (YamlScalar | YamlList | YamlMapping) & { readonly tag?: string }

export interface YamlScalar {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  readonly location: FileLocation
  /** From where to where it is written, quotes included, in UTF-16 units of the text. */
  readonly range?: readonly [start: number, end: number]
}

export interface YamlList {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
  readonly location: FileLocation
}

export interface YamlMapping {
  readonly kind: 'mapping'
  readonly entries: ReadonlyMap<string, YamlEntry>
  readonly location: FileLocation
}

/** A key's value; `location` is the key's. */
export interface YamlEntry {
  readonly value: YamlNode
  readonly location: FileLocation
}

/** No YAML file is read beyond this many bytes. */
export const YAML_LIMIT = 2 * 1024 * 1024

// The parser keeps one entry on its stack for each level, the document and the scalar included; a lock needs six.
const DEEPEST_STACK = 64
// Twice what a 2 MiB lock holds; it bounds the parser's time on a hostile file.
const MOST_LEXEMES = 500_000

/** What the specification calls unprintable (YAML 1.2.2, section 5.1), and a carriage return that ends no line. */
const UNPRINTABLE = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\r(?!\n)/u

const DOUBLE_QUOTES = {
  blockQuote: false,
  defaultStringType: 'QUOTE_DOUBLE',
  defaultKeyType: 'QUOTE_DOUBLE',
} as const

const REFUSED: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  alias: ['An alias (*name) is not allowed', 'Write the value out in full.'],
  anchor: ['An anchor (&name) is not allowed', 'Remove it, and write the value out where it is needed.'],
  tag: ['A tag (!name) is not allowed', 'Remove it; quote the value if it has to be text.'],
  'directive-line': ['A directive (%) is not allowed', 'Remove the line; files are read as YAML 1.2.'],
}

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  NON_STRING_KEY: 'Write each key as plain text.',
}
const DEFAULT_HINT = 'Correct the file: it must be one well-formed YAML 1.2 document.'

/**
 * Reads one YAML 1.2 document with the core schema into a tree that knows its lines. Refused, beside what is malformed: aliases,
 * anchors and tags that the dialect has not, directives, several documents, duplicate keys, keys that are not text, unprintable
 * characters, deep nesting, and more than 2 MiB. Throws every problem together, as PromotionErrors of kind `input` with their location
 * in `file`.
 */
export function parseYaml(text: string, file: string, dialect = STRICT): YamlNode {
  const problems = new SourceProblems()
  if (Buffer.byteLength(text) > YAML_LIMIT) {
    problems.add({ file }, 'The file is larger than 2 MiB', 'Split it into several files.')
    problems.throwIfAny()
  }
  const skipped = text.startsWith(CST.BOM) ? 1 : 0
  const source = new YamlSource(text.slice(skipped), { file, dialect, problems, skipped })
  source.checkCharacters()
  const tokens = source.scan()
  const tree = source.compose(tokens)
  problems.throwIfAny()
  return tree
}

/**
 * Plain data as one YAML document in the style of Go's tools: behind `---`, keys in alphabetical order, and texts quoted wherever a
 * reader of YAML 1.1, as imgpkg is, could take them for something else.
 */
export function formatYaml(value: unknown): string {
  const options = {
    directives: true,
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    // The library's line breaks inside quotes lose a space that stands alone on its line.
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    aliasDuplicateObjects: false,
    compat: 'yaml-1.1',
  } as const
  const readable = stringify(value, { ...options, blockQuote: 'literal' })
  // Its literal blocks lose lines that hold only blanks; quotes lose nothing.
  const written = parseDocument(readable)
  const isWhole = written.errors.length === 0 && isDeepStrictEqual(written.toJS(), value)
  if (UNPRINTABLE.test(readable)) return escapeUnprintable(stringify(value, { ...options, ...DOUBLE_QUOTES }))
  return isWhole ? readable : stringify(value, { ...options, blockQuote: false })
}

/** What the library leaves as it is, though it may not stand in a document; in double quotes it can be escaped. */
function escapeUnprintable(quoted: string): string {
  return quoted.replace(new RegExp(UNPRINTABLE, 'gu'), escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A local tag changes nothing about the value behind it, whatever that is. */
function tagsOf(tag: string): readonly (ScalarTag | CollectionTag)[] {
  return [
    { tag, resolve: (text) => text },
    { tag, collection: 'map' },
    { tag, collection: 'seq' },
  ]
}

/** One file on its way through the stages; each stage notes its problems and ends the work where the next could not go on. */
class YamlSource {
  readonly #text: string
  readonly #dialect: YamlDialect
  readonly #problems: SourceProblems
  readonly #builder: TreeBuilder
  readonly #lines = new LineCounter()

  constructor(text: string, source: Omit<TreeSource, 'lines'>) {
    this.#text = text
    this.#dialect = source.dialect
    this.#problems = source.problems
    this.#builder = new TreeBuilder({ ...source, lines: this.#lines })
    for (let start = 0; ; ) {
      this.#lines.addNewLine(start)
      const newline = text.indexOf('\n', start)
      if (newline < 0) break
      start = newline + 1
    }
  }

  // The lexer uses some control characters as marks of its own, and counts a lone carriage return as no line break.
  checkCharacters(): void {
    const found = UNPRINTABLE.exec(this.#text)
    if (found === null) return
    const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    this.#refuse(found.index, `The character U+${code} is not allowed here`, 'Remove it, or escape it in "".')
    this.#problems.throwIfAny()
  }

  /** The file's tokens, read no further than the limits allow. */
  scan(): readonly CST.Token[] {
    const parser = new Parser()
    const tokens: CST.Token[] = []
    let lexemes = 0
    let isContent = false
    for (const lexeme of new Lexer().lex(this.#text)) {
      const type: CST.TokenType | null = isContent ? null : CST.tokenType(lexeme)
      isContent = type === 'scalar'
      const refused = type === null || this.#allows(type, lexeme) ? undefined : REFUSED[type]
      if (refused !== undefined) this.#refuse(parser.offset, ...refused)
      lexemes += 1
      tokens.push(...parser.next(lexeme))
      this.#checkLimits(parser, lexemes)
    }
    for (const token of parser.end()) tokens.push(token)
    this.#checkDocuments(tokens)
    this.#problems.throwIfAny()
    return tokens
  }

  compose(tokens: readonly CST.Token[]): YamlNode {
    const options = { schema: 'core', stringKeys: true, strict: true, resolveKnownTags: false } as const
    // The library compares every key with every other; ours is a look-up.
    const customTags = this.#dialect.tags.flatMap(tagsOf)
    const composer = new Composer({ ...options, customTags, uniqueKeys: false })
    const [document] = composer.compose(tokens, true, this.#text.length)
    if (document === undefined) return { kind: 'scalar', value: null, location: this.#builder.locate(0) }
    this.#noteErrors(document)
    this.#problems.throwIfAny()
    return this.#builder.build(document.contents, this.#builder.locate(0))
  }

  #allows(type: CST.TokenType, lexeme: string): boolean {
    const { aliases, tags } = this.#dialect
    return type === 'tag' ? tags.includes(lexeme) : aliases && (type === 'alias' || type === 'anchor')
  }

  #checkLimits(parser: Parser, lexemes: number): void {
    if (parser.stack.length > DEEPEST_STACK) {
      this.#refuse(parser.offset, 'The file is nested too deeply', 'Write it with fewer levels.')
    } else if (lexemes > MOST_LEXEMES) {
      this.#refuse(parser.offset, 'The file has too many elements', 'Split it into several files.')
    } else {
      return
    }
    this.#problems.throwIfAny()
  }

  #checkDocuments(tokens: readonly CST.Token[]): void {
    const [, second] = tokens.filter((token) => token.type === 'document')
    if (second === undefined) return
    this.#refuse(second.offset, 'The file holds a second YAML document', 'Put each document in its own file.')
  }

  /** One problem a line: what follows it there is mostly the parser finding its way back. */
  #noteErrors(document: Document): void {
    const lines = new Set<number>()
    const found: readonly YAMLError[] = [...document.errors, ...document.warnings]
    for (const { pos, code, message } of found) {
      const { line } = this.#lines.linePos(pos[0])
      if (lines.has(line)) continue
      lines.add(line)
      this.#refuse(pos[0], `This is not valid YAML: ${message}`, HINTS[code] ?? DEFAULT_HINT)
    }
  }

  #refuse(offset: number, message: string, hint: string): void {
    this.#problems.add(this.#builder.locate(offset), message, hint)
  }
}
