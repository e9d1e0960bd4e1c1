import type { YamlEntry, YamlNode } from '../yaml/yaml.ts'
import { isNothing, type YamlReader } from '../yaml/yaml-reader.ts'

const MOST_IMAGES = 5_000

/** The items under `images` in a lock, of which there may be none and at most 5,000; what is wrong is noted. */
export function listedItems(
  lock: ReadonlyMap<string, YamlEntry> | undefined,
  reader: YamlReader,
): readonly YamlNode[] {
  const images = lock?.get('images')?.value
  if (images === undefined || isNothing(images)) return []
  const items = reader.list(images, '"images"') ?? []
  if (items.length <= MOST_IMAGES) return items
  const message = `The file lists ${items.length} images, and ${MOST_IMAGES} is the limit`
  reader.problems.add(images.location, message, 'Split it into several files.')
  return []
}
