import { PromotionError } from '../errors.ts'
import {
  type Annotations,
  type Descriptor,
  isJsonObject,
  type JsonObject,
  parseAnnotations,
  parseDescriptor,
} from './descriptor.ts'
import { algorithmOf, type Digest, digestOf } from './digest.ts'
import { isIndexType, isManifestType, MEDIA_TYPES } from './media-types.ts'
import { quoteValue } from './quote-value.ts'
import { blobOf } from './whole-blob.ts'

interface AnyManifest {
  /** Media type, digest and size in bytes of exactly these bytes. */
  readonly descriptor: Descriptor
  /** The bytes as the registry sent them; they are never written anew. */
  readonly bytes: Uint8Array
  readonly subject?: Descriptor
  readonly artifactType?: string
  readonly annotations: Annotations
}

/** An image manifest (OCI image specification, manifest.md) or Docker's schema 2. */
export interface ImageManifest extends AnyManifest {
  readonly kind: 'image'
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** An index (OCI image specification, image-index.md) or Docker's manifest list. */
export interface IndexManifest extends AnyManifest {
  readonly kind: 'index'
  readonly children: readonly Descriptor[]
}

export type Manifest = ImageManifest | IndexManifest

/** No manifest is read beyond this many bytes (OCI distribution specification, "Pushing manifests"). */
export const MANIFEST_LIMIT = 4 * 1024 * 1024

/**
 * Reads a manifest without changing a byte of it. `mediaType` is what the registry or the descriptor said it is; the manifest's
 * own word must agree, and what could be taken for an index and an image at once is refused (CVE-2021-41190). Throws a
 * PromotionError of kind `registry`; `where` names the manifest in it.
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, where: string): Manifest {
  const json = parseJsonObject(bytes, where)
  const type = agreedMediaType(json, mediaType, where)
  const { descriptor } = blobOf(type, bytes)
  const common = {
    descriptor,
    bytes,
    annotations: readAnnotations(json.annotations, where),
    ...(json.subject != null && { subject: parseDescriptor(json.subject, `${where}: subject`) }),
  }
  const artifactType = readText(json.artifactType, `${where}: artifactType`)
  if (isIndexType(type)) {
    if ('layers' in json || 'config' in json) throw confused(where)
    const children = parseDescriptors(json.manifests, `${where}: manifests`)
    return { kind: 'index', ...common, children, ...(artifactType && { artifactType }) }
  }
  if ('manifests' in json) throw confused(where)
  const config = parseDescriptor(json.config, `${where}: config`)
  const layers = parseDescriptors(json.layers, `${where}: layers`)
  // A manifest without artifactType has the type of its config (OCI image specification, "Guidelines for Artifact Usage").
  return { kind: 'image', ...common, config, layers, artifactType: artifactType || config.mediaType }
}

/** The same manifest checked against the digest it was asked by; throws a PromotionError of kind `registry` on a mismatch. */
export function withDigest(manifest: Manifest, digest: Digest, where: string): Manifest {
  if (manifest.descriptor.digest === digest) return manifest
  const actual = digestOf(manifest.bytes, algorithmOf(digest))
  if (actual !== digest) {
    throw new PromotionError('registry', `${where} has the digest ${actual} instead of ${digest}`, {
      hint: 'The registry or something on the way changed the bytes; nothing of it was used.',
    })
  }
  return { ...manifest, descriptor: { ...manifest.descriptor, digest } }
}

/** The blobs that a manifest refers to: config first, then layers; none for an index. */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === 'image' ? [manifest.config, ...manifest.layers] : []
}

/** The manifests that an index lists; none for an image. */
export function childrenOf(manifest: Manifest): readonly Digest[] {
  return manifest.kind === 'index' ? manifest.children.map(({ digest }) => digest) : []
}

/** Writes an image manifest of our own in the usual order of keys; every other manifest is passed on as the bytes it is. */
export function makeImageManifest(parts: {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly artifactType?: string
  readonly subject?: Descriptor
  readonly annotations?: Annotations
}): ImageManifest {
  const { artifactType, config, layers, subject, annotations } = parts
  const json = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    ...(artifactType && { artifactType }),
    config,
    layers,
    ...(subject && { subject: bareDescriptor(subject) }),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
  }
  const manifest = parseManifest(Buffer.from(JSON.stringify(json)), MEDIA_TYPES.ociManifest, 'a new manifest')
  if (manifest.kind !== 'image') throw new PromotionError('internal', 'an image manifest became an index')
  return manifest
}

/** Writes an index of our own, as a referrers fallback tag needs one (OCI distribution specification, "Referrers Tag Schema"). */
export function makeIndexManifest(children: readonly Descriptor[], annotations?: Annotations): IndexManifest {
  const json = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: children,
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
  }
  const manifest = parseManifest(Buffer.from(JSON.stringify(json)), MEDIA_TYPES.ociIndex, 'a new index')
  if (manifest.kind !== 'index') throw new PromotionError('internal', 'an index became an image manifest')
  return manifest
}

/** Media type, digest and size only: what stands in `subject`. */
export function bareDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}

function parseJsonObject(bytes: Uint8Array, where: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own message is not passed on: it quotes what it read, which may be a secret that was sent back.
    throw badManifest(where, 'is not JSON')
  }
  if (!isJsonObject(value)) throw badManifest(where, 'is not a JSON object')
  if (value.schemaVersion === 1) {
    throw new PromotionError('registry', `${where} is a Docker schema 1 manifest`, {
      hint: 'Schema 1 cannot be signed or copied by digest; build and push the image again with a current tool.',
    })
  }
  if (value.schemaVersion !== 2) throw badManifest(where, 'has no schemaVersion 2')
  return value
}

function agreedMediaType(json: JsonObject, said: string, where: string): string {
  const type = readText(json.mediaType, `${where}: mediaType`) || said
  if (!isManifestType(type))
    throw badManifest(where, `has the media type ${quoteValue(type)}, which is no image or index`)
  // Some registries send text/plain or application/json: a header that is no manifest type at all says nothing.
  if (isManifestType(said) && isIndexType(said) !== isIndexType(type)) {
    throw badManifest(where, `says it is ${type}, but was announced as ${said}`)
  }
  return type
}

/** A property that may be absent; one of another type is refused, because readers in other languages do so. */
function readText(value: unknown, where: string): string | undefined {
  if (value == null) return undefined
  if (typeof value !== 'string') throw badManifest(where, 'is not text')
  return value
}

function readAnnotations(value: unknown, where: string): Annotations {
  if (value == null) return {}
  if (!isJsonObject(value)) throw badManifest(`${where}: annotations`, 'is not an object')
  return parseAnnotations(value, where)
}

/** Absent and null are an empty list: that is how Go writes one. */
function parseDescriptors(value: unknown, where: string): readonly Descriptor[] {
  if (value == null) return []
  if (!Array.isArray(value)) throw badManifest(where, 'is not a list')
  return value.map((entry, index) => parseDescriptor(entry, `${where}[${index}]`))
}

function confused(where: string): PromotionError {
  return badManifest(where, 'has the properties of an image and of an index at once (CVE-2021-41190)')
}

function badManifest(where: string, why: string): PromotionError {
  return new PromotionError('registry', `${where} ${why}`, {
    hint: 'Only OCI images and indexes and their Docker schema 2 forms can be promoted.',
  })
}
