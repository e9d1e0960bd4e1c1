import { type Digest, isDigest } from '../oci/digest.ts'
import { parseReference, type Reference } from '../oci/reference.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import { isNothing, YamlReader } from '../yaml/yaml-reader.ts'
import { listedItems } from './listed-items.ts'

/** An image of a chart: a name, and the digest of each platform. */
export interface HelmImage {
  readonly written: string
  readonly reference: Reference
  readonly digests: readonly Digest[]
  /** Where the name is written. */
  readonly node: YamlNode
}

const LOCK_KEYS = { required: ['apiVersion', 'kind', 'images'], optional: ['metadata', 'chart'] }
const IMAGE_KEYS = { required: ['image', 'digests'], optional: ['name', 'chart'] }
const DIGEST_KEYS = { required: ['digest'], optional: ['arch'] }

/**
 * Reads the `Images.lock` of a Helm chart (distribution tooling for Helm, `apiVersion: v0`), strictly: known keys only, every image with its
 * digests. All problems of the file are thrown together, as PromotionErrors of kind `input` with their location.
 */
export function readHelmLock(tree: YamlNode): readonly HelmImage[] {
  const reader = new YamlReader()
  const items = listedItems(reader.mapping(tree, 'an Images.lock', LOCK_KEYS), reader)
  const read = items.map((item) => readImage(item, reader))
  reader.problems.throwIfAny()
  return read.filter((image) => image !== undefined)
}

function readImage(node: YamlNode, reader: YamlReader): HelmImage | undefined {
  const entries = reader.mapping(node, 'an entry of images', IMAGE_KEYS)
  const [image, digests] = [entries?.get('image'), entries?.get('digests')]
  if (image === undefined || digests === undefined) return undefined
  const written = reader.text(image.value, '"image"')
  const { problems } = reader
  const reference =
    written === undefined ? undefined : problems.attempt(image.value.location, () => parseReference(written))
  const read = readDigests(digests.value, reader)
  if (written === undefined || reference === undefined) return undefined
  return { written, reference, digests: read, node: image.value }
}

function readDigests(node: YamlNode, reader: YamlReader): readonly Digest[] {
  const items = isNothing(node) ? [] : reader.list(node, '"digests"')
  if (items === undefined) return []
  if (items.length === 0) {
    const hint = 'Make the lock anew with "dt images lock", which asks for them.'
    reader.problems.add(node.location, 'The image has no digest', hint)
  }
  return items.map((item) => readDigest(item, reader)).filter((digest) => digest !== undefined)
}

function readDigest(node: YamlNode, reader: YamlReader): Digest | undefined {
  const entry = reader.mapping(node, 'an entry of digests', DIGEST_KEYS)?.get('digest')
  const text = entry && reader.text(entry.value, '"digest"')
  if (entry === undefined || text === undefined) return undefined
  if (isDigest(text) && text.startsWith('sha256:')) return text
  const message = `${JSON.stringify(text)} is not a sha256 digest`
  reader.problems.add(entry.value.location, message, 'Write sha256: and 64 hexadecimal digits.')
  return undefined
}
