import type { FileLocation } from '../errors.ts'
import { maskCredentials } from '../oci/mask-credentials.ts'
import { quoteValue } from '../oci/quote-value.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import type { YamlReader } from '../yaml/yaml-reader.ts'
import { interpolate } from './interpolate.ts'
import type { ComposeFile } from './service.ts'

/** What goes along while compose files are read. */
export interface Reading {
  /** Takes what is wrong. */
  readonly reader: YamlReader
  readonly warn: (message: string, location?: FileLocation) => void
}

/** The text of a node with its variables put in; undefined after what is wrong was noted. `what` names it in the message. */
export function readText(
  node: YamlNode,
  origin: ComposeFile,
  what: string,
  { reader, warn }: Reading,
): string | undefined {
  const written = reader.text(node, what)
  if (written === undefined) return undefined
  const onUnset = (name: string) => warn(unsetVariable(name), node.location)
  return reader.problems.attempt(node.location, () =>
    interpolate(written, { lookUp: origin.lookUp, onUnset }),
  )
}

/** The warning for a variable that is not there. */
export function unsetVariable(name: string): string {
  return `The variable ${name} is set in no env file, and counts as empty`
}

/** A value for an error message as it is written: those of its variables may be secrets. */
export function quoteWritten(node: YamlNode): string {
  const written = node.kind === 'scalar' ? node.value : node
  return quoteValue(typeof written === 'string' ? maskCredentials(written) : written)
}

/** The texts of a list, or of one text in its place. */
export function readTexts(
  node: YamlNode,
  origin: ComposeFile,
  what: string,
  reading: Reading,
): readonly string[] {
  const items = node.kind === 'scalar' ? [node] : (reading.reader.list(node, what) ?? [])
  return items.map((item) => readText(item, origin, what, reading)).filter((text) => text !== undefined)
}
