import type { YamlEntry, YamlNode } from '../yaml/yaml.ts'
import { isNothing, type YamlReader } from '../yaml/yaml-reader.ts'
import type { ComposeFile, Field, MergeMode, Service, Services } from './service.ts'
import { isTerm, refuseUnknownTerm } from './service-terms.ts'

const MOST_SERVICES = 5_000
/** What bears on images besides nerdctl's fields. */
const FIELDS = ['image', 'build', 'provider', 'profiles', 'extends']
const MODES: Readonly<Record<string, MergeMode>> = { '!reset': 'reset', '!override': 'override' }

/** By the mappings that were read: thousands of services can be aliases of one of them. */
type KnownFields = Map<YamlNode, ReadonlyMap<string, Field>>

interface ServiceFile {
  readonly origin: ComposeFile
  readonly reader: YamlReader
  readonly known: KnownFields
}

/** The services that a compose file writes itself, and of each what bears on images; what is wrong is noted. */
export function readServices(tree: YamlNode, origin: ComposeFile, reader: YamlReader): Services {
  const services = new Map<string, Service>()
  const top = reader.anyMapping(tree, 'A compose file')
  for (const [name, { location }] of top ?? []) {
    if (!isTerm(name)) continue
    reader.problems.add(
      location,
      `"${name}" stands outside of services, where it says nothing`,
      'Move it into a service.',
    )
  }
  const written = top?.get('services')
  if (written === undefined || isNothing(written.value)) return services
  const entries = reader.anyMapping(written.value, '"services"')
  if (entries !== undefined && entries.size > MOST_SERVICES) {
    const message = `The file has ${entries.size} services, and ${MOST_SERVICES} is the limit`
    reader.problems.add(written.location, message, 'Split it into several files.')
    return services
  }
  const known: KnownFields = new Map()
  for (const [name, entry] of entries ?? []) {
    const service = readService(name, entry, { origin, reader, known })
    if (service !== undefined) services.set(name, service)
  }
  return services
}

function readService(
  name: string,
  { value, location }: YamlEntry,
  { origin, reader, known }: ServiceFile,
): Service | undefined {
  const mode = modeOf(value)
  if (mode === 'reset') return { name, mode, location, fields: new Map() }
  const entries = reader.anyMapping(value, `The service "${name}"`)
  if (entries === undefined) return undefined
  const fields = known.get(value) ?? readFields(entries, origin, reader)
  known.set(value, fields)
  return { name, mode, location, fields }
}

function readFields(
  entries: ReadonlyMap<string, YamlEntry>,
  origin: ComposeFile,
  reader: YamlReader,
): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>()
  for (const [key, entry] of entries) {
    refuseUnknownTerm(key, entry.location, reader)
    if (!FIELDS.includes(key) && !isTerm(key)) continue
    const fieldMode = modeOf(entry.value)
    // Nothing written is nothing said, and leaves what an earlier file says.
    if (fieldMode === 'merge' && isNothing(entry.value)) continue
    fields.set(key, { mode: fieldMode, values: [{ node: entry.value, location: entry.location, origin }] })
  }
  return fields
}

function modeOf({ tag }: YamlNode): MergeMode {
  return (tag !== undefined && MODES[tag]) || 'merge'
}
