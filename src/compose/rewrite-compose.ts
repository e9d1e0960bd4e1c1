import { formatReference } from '../oci/reference.ts'
import type { ImagePlace, ListedReference } from '../sources/source.ts'
import { replaceScalars } from '../yaml/replace-scalars.ts'
import { formatYaml } from '../yaml/yaml.ts'
import { onlyText } from './only-text.ts'
import type { ServiceImage } from './service-images.ts'

/**
 * The compose file with every image by its digest at a target, and nothing else changed. Where images are written in several files it is a
 * file to be merged over them, with nothing but the images, such as `docker compose config --lock-image-digests` makes. `files` are the
 * names of those that were given.
 */
export function rewriteCompose(
  images: readonly ServiceImage[],
  files: readonly string[],
  placeOf: (listed: ListedReference) => ImagePlace,
): string {
  const text = onlyText(images, files)
  if (text === undefined) return overrideImages(images, files, placeOf)
  const names = images.map(({ value, listed }) => [value.node, nameAt(placeOf(listed))] as const)
  return replaceScalars(text, new Map(names))
}

function overrideImages(
  images: readonly ServiceImage[],
  files: readonly string[],
  placeOf: (listed: ListedReference) => ImagePlace,
): string {
  const services = images.map(({ service, listed }) => [service, { image: nameAt(placeOf(listed)) }] as const)
  const flags = files.map((file) => `-f ${JSON.stringify(file)}`).join(' ')
  return `# The images where they were promoted to. Give this file behind the others: ${flags} -f <this file>\n${formatYaml({ services: Object.fromEntries(services) })}`
}

/** With the tag for people, if there is one: what is pulled goes by the digest. */
function nameAt({ reference, tag }: ImagePlace): string {
  const { repository, digest } = reference
  return tag === undefined ? formatReference(reference) : `${formatReference({ repository, tag })}@${digest}`
}
