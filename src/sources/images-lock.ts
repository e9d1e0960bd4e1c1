import type { Annotations } from '../oci/descriptor.ts'
import { originTagsOf } from '../oci/origin-tags-of.ts'
import { formatReference } from '../oci/reference.ts'
import type { YamlEntry, YamlNode } from '../yaml/yaml.ts'
import { isNothing, YamlReader } from '../yaml/yaml-reader.ts'
import { entryKey } from './entry-key.ts'
import { kbldOriginTags } from './kbld-origins.ts'
import { listedItems } from './listed-items.ts'
import { readPinned } from './read-pinned.ts'
import type { PinnedListing } from './source.ts'

const KIND = 'ImagesLock'

const LOCK_KEYS = { required: ['apiVersion', 'kind'], optional: ['images'] }
const IMAGE_KEYS = { required: ['image'], optional: ['annotations'] }

/** Whether a list may say the same twice: its author is asked to correct it, unless that is somebody else. */
export type Repetitions = 'refuse' | 'keep'

/**
 * Reads a Carvel ImagesLock (imgpkg, lock files: `imgpkg.carvel.dev/v1alpha1`). Strict: known keys only, every image by digest, no
 * entry twice, at most 5,000; one image with several annotations is several entries. Names are normalised, annotations kept byte for
 * byte. All problems of the file are thrown together, as PromotionErrors of kind `input` with their location.
 */
export function readImagesLock(
  tree: YamlNode,
  repetitions: Repetitions = 'refuse',
): readonly PinnedListing[] {
  const reader = new YamlReader()
  const lock = reader.mapping(tree, `an ${KIND}`, LOCK_KEYS)
  const listed = listedItems(lock, reader)
    .map((item) => readImage(item, reader))
    .filter((image) => image !== undefined)
  if (repetitions === 'refuse') refuseDuplicates(listed, reader)
  reader.problems.throwIfAny()
  return listed
}

function readImage(node: YamlNode, reader: YamlReader): PinnedListing | undefined {
  const entries = reader.mapping(node, 'an entry of images', IMAGE_KEYS)
  const image = entries?.get('image')
  const written = reader.textAt(entries, 'image')
  const annotations = readAnnotations(entries?.get('annotations'), reader)
  if (image === undefined || written === undefined) return undefined
  const { location } = image.value
  const reference = readPinned(written, location, reader.problems)
  if (reference === undefined) return undefined
  const originTags = [...new Set([...originTagsOf(reference, written), ...kbldOriginTags(annotations)])]
  return { reference, written, annotations, originTags, location }
}

function readAnnotations(entry: YamlEntry | undefined, reader: YamlReader): Annotations {
  if (entry === undefined || isNothing(entry.value)) return {}
  return reader.texts(entry.value, '"annotations"', 'the annotation')
}

function refuseDuplicates(listed: readonly PinnedListing[], reader: YamlReader): void {
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
