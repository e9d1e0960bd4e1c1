import { PromotionError } from '../errors.ts'
import { originTagsOf } from '../oci/origin-tags-of.ts'
import { formatReference, parseReference, type Reference } from '../oci/reference.ts'
import type { ListedReference } from '../sources/source.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import { quoteWritten, type Reading, readText, readTexts } from './read-value.ts'
import { type FieldValue, lastValue, type Service, type Services } from './service.ts'
import { readTerms } from './service-terms.ts'

/** A service that runs with the profiles that are on, where its image is written, and what that is. */
export interface ServiceImage {
  readonly service: string
  readonly value: FieldValue
  /** The folder at which a relative path of a key starts that the service has. */
  readonly keysFrom: string | undefined
  /** Services with the same image share it. */
  readonly listed: ListedReference
}

/** What of the services is promoted. */
export interface ServiceImages {
  readonly images: readonly ServiceImage[]
  /** The names of services whose profiles are all off. */
  readonly leftOut: readonly string[]
  /** Every profile that a service has. */
  readonly profiles: ReadonlySet<string>
}

const EVERY_PROFILE = '*'

/** The images of all services that run with these profiles, and on which terms; what is wrong is noted. */
export function readServiceImages(
  services: Services,
  active: readonly string[],
  reading: Reading,
): ServiceImages {
  const images: ServiceImage[] = []
  const leftOut: string[] = []
  const profiles = new Set<string>()
  const known = new Map<string, ListedReference>()
  for (const service of services.values()) {
    if (service.mode === 'reset') continue
    const own = profilesOf(service, reading)
    for (const profile of own) profiles.add(profile)
    if (
      own.length > 0 &&
      !own.some((profile) => active.includes(profile)) &&
      !active.includes(EVERY_PROFILE)
    ) {
      leftOut.push(service.name)
      continue
    }
    const image = readServiceImage(service, reading)
    if (image !== undefined) images.push(sharing(image, known))
  }
  return { images, leftOut, profiles }
}

function profilesOf(service: Service, reading: Reading): readonly string[] {
  const field = service.fields.get('profiles')
  if (field === undefined || field.mode === 'reset') return []
  return field.values.flatMap(({ node, origin }) => readTexts(node, origin, '"profiles"', reading))
}

function readServiceImage(service: Service, reading: Reading): ServiceImage | undefined {
  const { terms, keysFrom } = readTerms(service, reading)
  const value = lastValue(service, 'image')
  if (value === undefined) {
    tellNoImage(service, reading)
    return undefined
  }
  const { location } = value.node
  const written = readText(value.node, value.origin, '"image"', reading)
  const { problems } = reading.reader
  const reference =
    written === undefined ? undefined : problems.attempt(location, () => parseImage(written, value.node))
  if (written === undefined || reference === undefined) return undefined
  const listed = {
    reference,
    written,
    annotations: {},
    originTags: originTagsOf(reference, written),
    terms,
    location,
  }
  return { service: service.name, value, keysFrom, listed }
}

/** The parser's error quotes what it was given, and so is kept for an image without variables. */
function parseImage(text: string, node: YamlNode): Reference {
  try {
    return parseReference(text)
  } catch (error) {
    if (!(error instanceof PromotionError) || (node.kind === 'scalar' && node.value === text)) throw error
    const message = `${quoteWritten(node)} is not a usable image reference once its variables are put in`
    throw new PromotionError('input', message, {
      hint: 'Correct their values in the env files; they are not shown here, because they may be secrets.',
    })
  }
}

function tellNoImage(service: Service, { reader, warn }: Reading): void {
  const { name, location } = service
  // What it extends was not found, which has been told.
  if (lastValue(service, 'extends') !== undefined) return
  if (lastValue(service, 'provider') !== undefined) return
  if (lastValue(service, 'build') !== undefined) {
    warn(`The service "${name}" is built and has no "image": nothing of it is promoted`, location)
    return
  }
  const hint = 'Add "image", or give the service a profile that is off.'
  reader.problems.add(location, `The service "${name}" has no "image" and no "build"`, hint)
}

/** The same image on the same terms is listed once. On others it is listed again, for whoever knows what tags mean to refuse it. */
function sharing(image: ServiceImage, known: Map<string, ListedReference>): ServiceImage {
  const { reference, originTags, terms } = image.listed
  const key = JSON.stringify([formatReference(reference), originTags, terms])
  const listed = known.get(key) ?? image.listed
  known.set(key, listed)
  return { ...image, listed }
}
