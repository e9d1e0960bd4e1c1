import type { FileLocation } from '../errors.ts'
import { SourceProblems } from './source-problems.ts'
import type { YamlEntry, YamlNode } from './yaml.ts'

/** The keys that a mapping must have, and those that it may have. */
export interface MappingKeys {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

/**
 * Reads typed values out of a YAML tree and gathers what is wrong with it. Each reader gives `undefined` for a value of the wrong
 * type, after noting the problem; `what` names the value in the message.
 */
export class YamlReader {
  readonly problems = new SourceProblems()

  /** The entries of a mapping; unknown and missing keys are noted, and what is known is returned all the same. */
  mapping(node: YamlNode, what: string, keys: MappingKeys): ReadonlyMap<string, YamlEntry> | undefined {
    const entries = this.anyMapping(node, what)
    if (entries === undefined) return undefined
    const known = [...keys.required, ...keys.optional]
    for (const [name, { location }] of entries) {
      if (known.includes(name)) continue
      this.problems.add(
        location,
        `The key ${JSON.stringify(name)} is not known in ${what}`,
        `Use only ${known.join(', ')}.`,
      )
    }
    for (const name of keys.required) {
      if (entries.has(name)) continue
      this.problems.add(node.location, `The key "${name}" is missing in ${what}`, `Add "${name}".`)
    }
    return entries
  }

  /** The entries of a mapping whose keys are free. */
  anyMapping(node: YamlNode, what: string): ReadonlyMap<string, YamlEntry> | undefined {
    if (node.kind === 'mapping') return node.entries
    return this.#wrongType(node, what, 'a mapping', 'Write it as lines of "key: value".')
  }

  list(node: YamlNode, what: string): readonly YamlNode[] | undefined {
    if (node.kind === 'list') return node.items
    return this.#wrongType(node, what, 'a list', 'Write each entry on a line that begins with "- ".')
  }

  text(node: YamlNode, what: string): string | undefined {
    if (node.kind === 'scalar' && typeof node.value === 'string') return node.value
    return this.#wrongType(node, what, 'text', 'Write it as text, in quotes if it looks like a number.')
  }

  /** The text that a mapping has for a key, if it has the key. */
  textAt(entries: ReadonlyMap<string, YamlEntry> | undefined, key: string): string | undefined {
    const entry = entries?.get(key)
    return entry && this.text(entry.value, `"${key}"`)
  }

  /** The texts of a mapping whose keys are free; `item` names one of them in the message. */
  texts(node: YamlNode, what: string, item: string): Readonly<Record<string, string>> {
    const texts: [string, string][] = []
    for (const [name, { value }] of this.anyMapping(node, what) ?? []) {
      const text = this.text(value, `${item} ${JSON.stringify(name)}`)
      if (text !== undefined) texts.push([name, text])
    }
    return Object.fromEntries(texts)
  }

  #wrongType(node: YamlNode, what: string, wanted: string, hint: string): undefined {
    const location: FileLocation = node.location
    this.problems.add(location, `${sentence(what)} must be ${wanted}, not ${describe(node)}`, hint)
    return undefined
  }
}

/** Whether nothing is written where a value could stand. */
export function isNothing(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

function describe(node: YamlNode): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`
  if (node.value === null) return 'empty'
  return typeof node.value === 'string' ? 'text' : `the ${typeof node.value} ${node.value}`
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
