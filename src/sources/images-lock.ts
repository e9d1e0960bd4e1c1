import { type FileLocation, PromotionError } from '../errors.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { formatReference, isPinned, type PinnedReference, parseReference } from '../oci/reference.ts'
import { parseYaml, type YamlEntry, type YamlNode } from '../yaml/yaml.ts'
import { isNothing, YamlReader } from '../yaml/yaml-reader.ts'
import { entryKey } from './entry-key.ts'
import type { ListedReference } from './source.ts'

const API_VERSION = 'imgpkg.carvel.dev/v1alpha1'
const KIND = 'ImagesLock'
const MOST_IMAGES = 5_000

const LOCK_KEYS = { required: ['apiVersion', 'kind'], optional: ['images'] }
const IMAGE_KEYS = { required: ['image'], optional: ['annotations'] }
const LOCK_HINT = `Give a Carvel ImagesLock: "apiVersion: ${API_VERSION}" and "kind: ${KIND}".`

/**
 * Reads a Carvel ImagesLock (imgpkg, lock files: `imgpkg.carvel.dev/v1alpha1`). Strict: known keys only, every image by digest, no
 * entry twice, at most 5,000; one image with several annotations is several entries. Names are normalised, annotations kept byte for
 * byte. All problems of the file are thrown together, as PromotionErrors of kind `input` with their location in `file`.
 */
export function parseImagesLock(text: string, file: string): readonly ListedReference[] {
  const tree = parseYaml(text, file)
  const reader = new YamlReader()
  refuseOtherKinds(tree, reader)
  reader.problems.throwIfAny()
  const lock = reader.mapping(tree, `an ${KIND}`, LOCK_KEYS)
  const images = lock?.get('images')
  const listed = images === undefined ? [] : readImages(images.value, reader)
  refuseDuplicates(listed, reader)
  reader.problems.throwIfAny()
  return listed
}

/** Reads what the file says it is before judging its keys: those of another kind would all be "unknown". */
function refuseOtherKinds(tree: YamlNode, reader: YamlReader): void {
  if (isNothing(tree)) {
    reader.problems.add(tree.location, 'The file is empty', LOCK_HINT)
    return
  }
  const entries = reader.anyMapping(tree, `an ${KIND}`)
  const apiVersion = textOf(entries?.get('apiVersion'), 'apiVersion', reader)
  const kind = textOf(entries?.get('kind'), 'kind', reader)
  const location = entries?.get('kind')?.location ?? tree.location
  if (apiVersion === 'v0' && kind === KIND) {
    reader.problems.add(location, "Helm's Images.lock is not supported yet", LOCK_HINT)
  } else if (apiVersion === API_VERSION && kind === 'BundleLock') {
    reader.problems.add(location, 'A BundleLock is not supported yet', 'Give the ImagesLock of its images.')
  } else if (
    apiVersion !== undefined &&
    kind !== undefined &&
    (apiVersion !== API_VERSION || kind !== KIND)
  ) {
    const found = `${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}`
    reader.problems.add(location, `The file is a ${found}, not an ${KIND} of ${API_VERSION}`, LOCK_HINT)
  }
}

function textOf(entry: YamlEntry | undefined, what: string, reader: YamlReader): string | undefined {
  return entry === undefined ? undefined : reader.text(entry.value, `"${what}"`)
}

function readImages(node: YamlNode, reader: YamlReader): readonly ListedReference[] {
  if (isNothing(node)) return []
  const items = reader.list(node, '"images"') ?? []
  if (items.length > MOST_IMAGES) {
    const message = `The file lists ${items.length} images, and ${MOST_IMAGES} is the limit`
    reader.problems.add(node.location, message, 'Split it into several files.')
    return []
  }
  return items.map((item) => readImage(item, reader)).filter((image) => image !== undefined)
}

function readImage(node: YamlNode, reader: YamlReader): ListedReference | undefined {
  const entries = reader.mapping(node, 'an entry of images', IMAGE_KEYS)
  const image = entries?.get('image')
  const written = textOf(image, 'image', reader)
  const annotations = readAnnotations(entries?.get('annotations'), reader)
  if (image === undefined || written === undefined) return undefined
  const reference = readPinned(written, image.value.location, reader)
  return reference && { reference, written, annotations, originTags: [], location: image.value.location }
}

function readPinned(
  written: string,
  location: FileLocation,
  reader: YamlReader,
): PinnedReference | undefined {
  try {
    const reference = parseReference(written)
    if (isPinned(reference)) return reference
    const hint = `Pin it: put the digest that "crane digest ${written}" prints behind the name, as name@sha256:…`
    const what = written.endsWith(`:${reference.tag}`) ? 'a tag where a digest must be' : 'no digest'
    reader.problems.add(location, `"${written}" has ${what}`, hint)
  } catch (error) {
    reader.problems.note(error instanceof PromotionError ? error.locatedAt(location) : error)
  }
  return undefined
}

function readAnnotations(entry: YamlEntry | undefined, reader: YamlReader): Annotations {
  if (entry === undefined || isNothing(entry.value)) return {}
  return reader.texts(entry.value, '"annotations"', 'the annotation')
}

function refuseDuplicates(listed: readonly ListedReference[], reader: YamlReader): void {
  const lines = new Map<string, number | undefined>()
  for (const { reference, written, annotations, location } of listed) {
    const key = entryKey({ image: formatReference(reference), annotations })
    if (lines.has(key)) {
      const same = Object.keys(annotations).length === 0 ? '' : ' with the same annotations'
      const message = `"${written}" is listed twice${same}, first on line ${lines.get(key)}`
      reader.problems.add(location, message, 'Keep one of the two entries.')
    } else {
      lines.set(key, location?.line)
    }
  }
}
