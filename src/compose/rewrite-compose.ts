import { formatReference } from '../oci/reference.ts'
import type { ImagePlace, ListedReference } from '../sources/source.ts'
import { replaceScalars } from '../yaml/replace-scalars.ts'
import { formatYaml } from '../yaml/yaml.ts'
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
  const [file, ...others] = files
  const origins = new Set(images.map(({ value }) => value.origin.file))
  const [only] = images
  if (only !== undefined && others.length === 0 && origins.size === 1 && only.value.origin.file === file) {
    const names = images.map(({ value, listed }) => [value.node, nameAt(placeOf(listed))] as const)
    return replaceScalars(only.value.origin.text, new Map(names))
  }
  return overrideImages(images, files, placeOf)
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
