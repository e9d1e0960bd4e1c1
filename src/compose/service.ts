import type { FileLocation } from '../errors.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import type { LookUp } from './interpolate.ts'

/** A compose file that was read. */
export interface ComposeFile {
  /** What messages call it. */
  readonly file: string
  readonly text: string
  /** Where its relative paths start: an absolute path. */
  readonly folder: string
  readonly lookUp: LookUp
}

/** How a value goes with those of earlier files: together with them, in their place, or away with them (`!override`, `!reset`). */
export type MergeMode = 'merge' | 'override' | 'reset'

/** One value of a service's field, before its variables are put in. */
export interface FieldValue {
  readonly node: YamlNode
  /** Where its key is written. */
  readonly location: FileLocation
  readonly origin: ComposeFile
}

/** A field of a service, with every value that counts. */
export interface Field {
  readonly mode: MergeMode
  readonly values: readonly FieldValue[]
}

/** A service, as far as it bears on images. */
export interface Service {
  readonly name: string
  readonly mode: MergeMode
  readonly location: FileLocation
  readonly fields: ReadonlyMap<string, Field>
}

/** Services by their names. */
export type Services = ReadonlyMap<string, Service>

/** The value of a field; of several the last, as compose has it. Undefined where there is none, or nothing in it. */
export function lastValue(service: Service, field: string): FieldValue | undefined {
  const found = service.fields.get(field)
  return found?.mode === 'reset' ? undefined : found?.values.at(-1)
}
