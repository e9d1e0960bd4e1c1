import { isUtf8 } from 'node:buffer'
import { PromotionError } from '../errors.ts'
import { isJsonObject } from '../oci/descriptor.ts'
import type { Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { readJson } from '../oci/read-json.ts'
import { formatReference } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'

const BUNDLE_LABEL = 'dev.carvel.imgpkg.bundle'
const IMAGES_LOCK = '.imgpkg/images.yml'
const MEBIBYTE = 1024 * 1024
/** Bytes; imgpkg writes a few hundred. */
const LARGEST_CONFIG = MEBIBYTE
/** Mebibytes of a layer as it is sent. */
const LARGEST_LAYER = 128

/** Whether a manifest is of the one form that bundles have, so that its config is worth asking for; an index is never a bundle. */
export function couldBeBundle(manifest: Manifest): boolean {
  return (
    manifest.kind === 'image' &&
    manifest.layers.length === 1 &&
    manifest.layers[0]?.mediaType === MEDIA_TYPES.dockerLayer &&
    manifest.config.size <= LARGEST_CONFIG
  )
}

/** Whether the image says in its config that it is a bundle, with whatever value. */
export async function isBundle(manifest: Manifest, repository: SourceRepository): Promise<boolean> {
  if (manifest.kind !== 'image' || !couldBeBundle(manifest)) return false
  const { config } = readJson(await repository.readBlob(manifest.config, LARGEST_CONFIG)) ?? {}
  const labels = isJsonObject(config) ? config.Labels : undefined
  return isJsonObject(labels) && BUNDLE_LABEL in labels
}

/**
 * The ImagesLock in a bundle, as text. Throws a PromotionError of kind `input` when there is none, and what `onBytes` throws; it is told how
 * many bytes were decompressed.
 */
export async function readBundle(
  manifest: Manifest,
  repository: SourceRepository,
  onBytes?: (size: number) => void,
): Promise<string> {
  const where = formatReference({ repository: repository.name, digest: manifest.descriptor.digest })
  const layer = manifest.kind === 'image' ? manifest.layers[0] : undefined
  if (layer === undefined) throw new PromotionError('internal', `${where} was taken for a bundle`)
  if (layer.size > LARGEST_LAYER * MEBIBYTE) throw unusable(where, `is larger than ${LARGEST_LAYER} MiB`)
  // Loaded when it is needed: most runs meet no bundle.
  const { fileInLayer } = await import('./file-in-layer.ts')
  const what = `The layer of ${where}`
  const file = await fileInLayer(repository.fetchBlob(layer), IMAGES_LOCK, what, onBytes)
  if (file === undefined) throw unusable(where, `has no ${IMAGES_LOCK}`)
  if (!isUtf8(file)) throw unusable(where, `has a ${IMAGES_LOCK} that is not UTF-8`)
  return file.toString()
}

function unusable(where: string, why: string): PromotionError {
  return new PromotionError('input', `The imgpkg bundle ${where} ${why}`, {
    hint: 'Push the bundle again with imgpkg.',
  })
}
