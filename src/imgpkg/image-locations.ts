import { PromotionError } from '../errors.ts'
import { formatReference, type PinnedReference, parsePinnedReference } from '../oci/reference.ts'
import { formatYaml, parseYaml } from '../yaml/yaml.ts'
import { isNothing, YamlReader } from '../yaml/yaml-reader.ts'
import { CARVEL_API } from './carvel-api.ts'

/** One image of a bundle, by the name that the bundle's lock gives it. */
export interface ImageLocation {
  readonly image: PinnedReference
  readonly isBundle: boolean
}

const KIND = 'ImageLocations'
const KEYS = { required: ['apiVersion', 'kind', 'images'], optional: [] }
const ENTRY_KEYS = { required: ['image', 'isBundle'], optional: [] }

/** The note by which imgpkg knows that all images of a bundle lie in the bundle's repository, as imgpkg writes it. */
export function formatImageLocations(locations: readonly ImageLocation[]): string {
  const images = locations.map(({ image, isBundle }) => ({ image: formatReference(image), isBundle }))
  // By code units, as Go compares texts.
  images.sort((one, other) => (one.image < other.image ? -1 : 1))
  return formatYaml({ apiVersion: CARVEL_API, images, kind: KIND })
}

/** Reads such a note; throws a PromotionError of kind `input`, or several, for anything else. `where` names it. */
export function parseImageLocations(text: string, where: string): readonly ImageLocation[] {
  const reader = new YamlReader()
  const tree = parseYaml(text, where)
  const entries = reader.mapping(tree, 'image locations', KEYS)
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((key) => reader.textAt(entries, key))
  const images = entries?.get('images')?.value
  const items = images === undefined || isNothing(images) ? [] : (reader.list(images, '"images"') ?? [])
  const locations = items.map((item) => {
    const entry = reader.mapping(item, 'an image location', ENTRY_KEYS)
    const flag = entry?.get('isBundle')?.value
    const isBundle = flag?.kind === 'scalar' && flag.value === true
    return { image: reader.textAt(entry, 'image') ?? '', isBundle }
  })
  reader.problems.throwIfAny()
  if (apiVersion !== CARVEL_API || kind !== KIND) {
    throw new PromotionError('input', `${where} is a ${kind} of ${apiVersion}, and no ${KIND}`)
  }
  return locations.map(({ image, isBundle }) => ({ image: parsePinnedReference(image), isBundle }))
}

/** Whether two notes say the same, in whatever order: which digests there are, and which of them are bundles. */
export function areSameLocations(ones: readonly ImageLocation[], others: readonly ImageLocation[]): boolean {
  const [here, there] = [ones, others].map((locations) => new Set(locations.map(factOf)))
  return here?.size === there?.size && [...(here ?? [])].every((fact) => there?.has(fact))
}

/** One digest may have two names in a lock, of which imgpkg writes down the one that it happens to meet last. */
function factOf({ image, isBundle }: ImageLocation): string {
  return `${image.digest} ${isBundle}`
}
