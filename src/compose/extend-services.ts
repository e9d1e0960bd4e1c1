import { resolve } from 'node:path'
import type { FileLocation } from '../errors.ts'
import { mergeService } from './merge-services.ts'
import { type Reading, readText } from './read-value.ts'
import { type FieldValue, lastValue, type Service, type Services } from './service.ts'

/** Reads the services of another file, whose path is absolute; undefined after the problem was noted. */
export type OpenExtended = (path: string, location: FileLocation) => Promise<Services | undefined>

const KEYS = { required: ['service'], optional: ['file'] }
const LONGEST_CHAIN = 100

/** The services of one file with what they extend put under them (compose specification, "extends"); what is wrong is noted. */
export async function extendServices(
  services: Services,
  reading: Reading,
  open: OpenExtended,
): Promise<Services> {
  const extender = new Extender(reading, open)
  const extended = new Map<string, Service>()
  for (const [name, service] of services) {
    extended.set(name, await extender.extend(service, services, []))
  }
  return extended
}

class Extender {
  readonly #reading: Reading
  readonly #open: OpenExtended
  readonly #opened = new Map<string, Services | undefined>()
  readonly #extended = new Map<Service, Service>()

  constructor(reading: Reading, open: OpenExtended) {
    this.#reading = reading
    this.#open = open
  }

  /** `chain` holds the services by which this one is extended. */
  async extend(service: Service, siblings: Services, chain: readonly Service[]): Promise<Service> {
    const known = this.#extended.get(service)
    if (known !== undefined) return known
    const written = lastValue(service, 'extends')
    if (written === undefined) return service
    const extended = await this.#extendWritten(service, written, siblings, chain)
    this.#extended.set(service, extended)
    return extended
  }

  async #extendWritten(
    service: Service,
    written: FieldValue,
    siblings: Services,
    chain: readonly Service[],
  ): Promise<Service> {
    if (chain.includes(service) || chain.length >= LONGEST_CHAIN) {
      const names = chain.map(({ name }) => name).join(', ')
      this.#refuse(written, `Services extend each other: ${names}`, 'Take one "extends" out.')
      return service
    }
    const found = await this.#findBase(service, written, siblings)
    if (found === undefined) return service
    const base = await this.extend(found.base, found.siblings, [...chain, service])
    // It could not be extended itself, which has been told.
    if (lastValue(base, 'extends') !== undefined) return service
    const merged = mergeService(base, service)
    return { ...merged, fields: new Map([...merged.fields].filter(([name]) => name !== 'extends')) }
  }

  async #findBase(
    { name }: Service,
    written: FieldValue,
    siblings: Services,
  ): Promise<{ readonly base: Service; readonly siblings: Services } | undefined> {
    const target = this.#readTarget(written)
    if (target === undefined) return undefined
    const { path } = target
    const others = path === undefined ? siblings : await this.#openOnce(path, written)
    const base = others?.get(target.service)
    if (others !== undefined && base === undefined) {
      const message = `The service "${name}" extends "${target.service}", which is not there`
      this.#refuse(written, message, 'Correct the name, or the file that it is looked for in.')
    }
    return others && base && { base, siblings: others }
  }

  #readTarget(
    written: FieldValue,
  ): { readonly service: string; readonly path: string | undefined } | undefined {
    const { node, origin } = written
    if (node.kind === 'scalar') {
      const service = readText(node, origin, '"extends"', this.#reading)
      return service === undefined ? undefined : { service, path: undefined }
    }
    const entries = this.#reading.reader.mapping(node, 'extends', KEYS)
    const [service, file] = ['service', 'file'].map((key) => {
      const entry = entries?.get(key)
      return entry && readText(entry.value, origin, `"${key}"`, this.#reading)
    })
    if (service === undefined || (entries?.has('file') === true && file === undefined)) return undefined
    return { service, path: file === undefined ? undefined : resolve(origin.folder, file) }
  }

  async #openOnce(path: string, { location }: FieldValue): Promise<Services | undefined> {
    if (!this.#opened.has(path)) this.#opened.set(path, await this.#open(path, location))
    return this.#opened.get(path)
  }

  #refuse({ location }: FieldValue, message: string, hint: string): void {
    this.#reading.reader.problems.add(location, message, hint)
  }
}
