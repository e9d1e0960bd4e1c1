import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type ParsedNode,
  Scalar,
  type YAMLMap,
} from 'yaml'
import type { FileLocation } from '../errors.ts'
import type { YamlDialect } from './dialect.ts'
import type { SourceProblems } from './source-problems.ts'
import type { YamlEntry, YamlMapping, YamlNode, YamlScalar } from './yaml.ts'

// Each merge costs a few bytes of text, and can copy thousands of entries.
const MOST_MERGED = 100_000

/** The file that a tree is built of: its name, its lines, how it is read, and where its problems are noted. */
export interface TreeSource {
  readonly file: string
  readonly lines: LineCounter
  readonly dialect: YamlDialect
  readonly problems: SourceProblems
  /** How many units of the text the library was not given: its byte order mark. */
  readonly skipped: number
}

/** Makes a tree that knows its lines of what the library has parsed. What aliases name is in it once, however often it is named. */
export class TreeBuilder {
  readonly #source: TreeSource
  /** `undefined` while the value is being built that the anchor stands at. */
  readonly #anchors = new Map<string, YamlNode | undefined>()
  #merged = 0

  constructor(source: TreeSource) {
    this.#source = source
  }

  /** The tree of a node; `parent` is its place where it has none of its own. */
  build(node: unknown, parent: FileLocation): YamlNode {
    if (isAlias(node)) return this.#resolve(node, parent)
    const { anchor, tag } = propertiesOf(node)
    if (anchor !== undefined) this.#anchors.set(anchor, undefined)
    const built = this.#buildValue(node, parent)
    const tagged = tag !== undefined && this.#source.dialect.tags.includes(tag) ? { ...built, tag } : built
    if (anchor !== undefined) this.#anchors.set(anchor, tagged)
    return tagged
  }

  locate(offset: number): FileLocation {
    const { line, col } = this.#source.lines.linePos(offset)
    return { file: this.#source.file, line, column: col }
  }

  #buildValue(node: unknown, parent: FileLocation): YamlNode {
    if (isMap(node)) return this.#buildMapping(node, parent)
    const location = this.#locateNode(node, parent)
    if (isSeq(node)) {
      return { kind: 'list', location, items: node.items.map((item) => this.build(item, location)) }
    }
    if (!isScalar(node)) return { kind: 'scalar', value: null, location }
    const [start, end] = node.range ?? [0, 0]
    const { skipped } = this.#source
    const range = [start + skipped, end + skipped] as const
    return { kind: 'scalar', value: scalarValue(node.value), location, range }
  }

  #resolve(alias: Alias, parent: FileLocation): YamlNode {
    const name = alias.source
    const target = this.#anchors.get(name)
    if (target !== undefined) return target
    const location = this.#locateNode(alias, parent)
    if (this.#anchors.has(name)) {
      const message = `The alias *${name} stands inside the value that it names`
      this.#source.problems.add(location, message, 'Write the value out in full.')
    } else {
      const message = `The alias *${name} names nothing: no anchor &${name} stands before it`
      this.#source.problems.add(location, message, `Put &${name} in front of the value that is meant.`)
    }
    return { kind: 'scalar', value: null, location }
  }

  #buildMapping(node: YAMLMap, parent: FileLocation): YamlMapping {
    const entries = new Map<string, YamlEntry>()
    const merged: YamlEntry[] = []
    const seen = new Map<string, FileLocation>()
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : ''
      const location = this.#locateNode(key, parent)
      const earlier = seen.get(name)
      if (earlier !== undefined) {
        const message = `The key ${JSON.stringify(name)} is written twice, first on line ${earlier.line}`
        this.#source.problems.add(location, message, 'Keep one of the two.')
        continue
      }
      seen.set(name, location)
      const entry = { location, value: this.build(value, location) }
      if (this.#isMergeKey(key)) merged.push(entry)
      else entries.set(name, entry)
    }
    for (const entry of merged) this.#merge(entries, entry)
    return { kind: 'mapping', location: this.#locateNode(node, parent), entries }
  }

  #isMergeKey(key: unknown): boolean {
    return this.#source.dialect.aliases && isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN
  }

  /** Adds the entries that are not there yet: what is written in a mapping itself counts, then what is merged first. */
  #merge(entries: Map<string, YamlEntry>, { location, value }: YamlEntry): void {
    const { problems } = this.#source
    for (const mapping of value.kind === 'list' ? value.items : [value]) {
      if (mapping.kind !== 'mapping') {
        const hint = 'Write "<<: *name", where name is the anchor of a mapping, or a list of those.'
        problems.add(location, 'Only mappings can be merged by "<<"', hint)
        continue
      }
      this.#merged += mapping.entries.size
      if (this.#merged > MOST_MERGED) {
        problems.add(location, 'The file merges too much by "<<"', 'Split it into several files.')
        problems.throwIfAny()
      }
      for (const [name, entry] of mapping.entries) if (!entries.has(name)) entries.set(name, entry)
    }
  }

  #locateNode(node: unknown, parent: FileLocation): FileLocation {
    const range = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range : undefined
    return range ? this.locate(range[0]) : parent
  }
}

function propertiesOf(node: unknown): Pick<ParsedNode, 'tag'> & { readonly anchor?: string } {
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return {}
  return {
    ...(node.tag !== undefined && { tag: node.tag }),
    ...(node.anchor !== undefined && { anchor: node.anchor }),
  }
}

function scalarValue(value: unknown): YamlScalar['value'] {
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value)
}
