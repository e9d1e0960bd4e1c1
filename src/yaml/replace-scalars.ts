import type { YamlNode } from './yaml.ts'

/** What may stand in YAML as it is, also between the brackets of a flow. */
const PLAIN = /^[a-z0-9][\w.:/@-]*$/i

/** A YAML text with other values for some of its scalars, in their quotes if they have any. All the rest stays as it is to the byte. */
export function replaceScalars(text: string, values: ReadonlyMap<YamlNode, string>): string {
  const edits = [...values].flatMap(([node, value]) =>
    node.kind === 'scalar' && node.range !== undefined ? [{ range: node.range, value }] : [],
  )
  let result = ''
  let at = 0
  for (const { range, value } of edits.sort((one, other) => one.range[0] - other.range[0])) {
    const [start, end] = range
    result += text.slice(at, start) + inStyleOf(text.slice(start, end), value)
    at = end
  }
  return result + text.slice(at)
}

function inStyleOf(written: string, value: string): string {
  const quote = /^['"]/.exec(written)?.[0] ?? (PLAIN.test(value) ? '' : '"')
  const quoted =
    quote === '"'
      ? JSON.stringify(value)
      : `${quote}${quote === '' ? value : value.replaceAll("'", "''")}${quote}`
  // A block of text ends with its line, and what follows stands behind that.
  const lineEnd = /\r?\n$/.exec(written)?.[0] ?? ''
  return `${quoted}${lineEnd}`
}
