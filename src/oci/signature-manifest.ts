import { PromotionError } from '../errors.ts'
import type { TagKind } from './attached-tag.ts'
import { type Annotations, type Descriptor, isJsonObject, type JsonObject } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { type ImageManifest, type Manifest, parseManifest } from './manifest.ts'
import { MEDIA_TYPES } from './media-types.ts'

/** A manifest for a `.sig` or `.att` tag, with the bytes of its config, which has to be pushed before it. */
export interface SignatureManifest {
  readonly manifest: ImageManifest
  readonly config: Uint8Array
}

/** What should stand under a tag. Every manifest that was read is one, and then `bytes` hold its layers as they were written. */
export interface WantedLayers {
  readonly layers: readonly Descriptor[]
  readonly annotations?: Annotations
  readonly bytes?: Uint8Array
}

/** Fetches the config of the manifest that stands under the tag. */
export type ReadConfig = (config: Descriptor) => Promise<Uint8Array>

/** A manifest and its config as JSON: what is not known to us is in it as well. */
interface Standing {
  readonly manifest: JsonObject
  readonly config: JsonObject
}

/** The time that cosign writes where no time is meant. */
const NO_TIME = '0001-01-01T00:00:00Z'

/** A manifest without layers, and an image config in cosign's words. */
const EMPTY: Standing = {
  manifest: {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociConfig },
    layers: [],
  },
  config: {
    architecture: '',
    created: NO_TIME,
    history: [],
    os: '',
    rootfs: { type: 'layers', diff_ids: [] },
    config: {},
  },
}

/**
 * The manifest that holds what stands under a `.sig` or `.att` tag and, behind it, the wanted layers that it lacks; `undefined` when it
 * lacks none (cosign, specs/SIGNATURE_SPEC.md, "Storage"). What stands there stays as it was written, known to us or not. Throws a
 * PromotionError of kind `conflict` for an index, and for a config that does not count its layers as an image's does.
 */
export async function mergeLayers(
  current: Manifest | undefined,
  wanted: WantedLayers,
  readConfig: ReadConfig,
): Promise<SignatureManifest | undefined> {
  const image = current === undefined ? undefined : asImage(current)
  const missing = missingLayers(image?.layers ?? [], wanted.layers)
  if (missing.length === 0) return undefined
  const standing = image === undefined ? EMPTY : await readStanding(image, readConfig)
  const config = Buffer.from(JSON.stringify(extendConfig(standing.config, missing)))
  const annotations = { ...wanted.annotations, ...image?.annotations }
  const json = {
    ...standing.manifest,
    config: configDescriptor(standing.manifest.config, config),
    layers: [...rawLayers(standing.manifest), ...asWritten(wanted, missing)],
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
  const mediaType = image?.descriptor.mediaType ?? MEDIA_TYPES.ociManifest
  const manifest = parseManifest(Buffer.from(JSON.stringify(json)), mediaType, 'a merged manifest')
  return { manifest: asImage(manifest), config }
}

/**
 * The layers that a wanted artifact has and the one that stands under its tag lacks; `undefined` where the two cannot be merged: cosign
 * reads exactly one SBOM from its tag, and an index has no layers.
 */
export function mergeableLayers(
  kind: TagKind | 'referrer',
  standing: Manifest,
  wanted: Manifest,
): readonly Descriptor[] | undefined {
  const isShared = kind === 'sig' || kind === 'att'
  if (!isShared || standing.kind !== 'image' || wanted.kind !== 'image') return undefined
  return missingLayers(standing.layers, wanted.layers)
}

/**
 * The layers that are not among those present, each once and in their order. A layer is the same when its media type, digest, size and
 * all its annotations are: two signatures over one payload differ in their annotations only.
 */
function missingLayers(present: readonly Descriptor[], wanted: readonly Descriptor[]): readonly Descriptor[] {
  const known = new Set(present.map(identityOf))
  return wanted.filter((layer) => {
    const identity = identityOf(layer)
    if (known.has(identity)) return false
    known.add(identity)
    return true
  })
}

function asImage(manifest: Manifest): ImageManifest {
  if (manifest.kind === 'image') return manifest
  throw unmergeable(manifest, 'it is an index')
}

function identityOf({ mediaType, digest, size, annotations = {} }: Descriptor): string {
  const sorted = Object.entries(annotations).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([mediaType, digest, size, sorted])
}

async function readStanding(image: ImageManifest, readConfig: ReadConfig): Promise<Standing> {
  const bytes = await readConfig(image.config)
  const manifest = parseJson(image.bytes)
  try {
    const config = parseJson(bytes)
    if (hasDiffIds(config)) return { manifest, config }
  } catch (cause) {
    throw unmergeable(image, 'its config is not JSON', cause)
  }
  throw unmergeable(image, 'its config is not that of an image: it has no rootfs.diff_ids')
}

/** Each layer is its own diff_id, because signatures are not compressed (OCI image specification, config.md). */
function extendConfig(config: JsonObject, layers: readonly Descriptor[]): JsonObject {
  const { rootfs, history } = config
  const digests = layers.map(({ digest }) => digest)
  const entries = layers.map(() => ({ created: NO_TIME }))
  return {
    ...config,
    ...(Array.isArray(history) && { history: [...history, ...entries] }),
    ...(isJsonObject(rootfs) && {
      rootfs: { ...rootfs, diff_ids: [...listIn(rootfs.diff_ids), ...digests] },
    }),
  }
}

/** The descriptor as it was written, for other bytes; what stood in it of the old ones cannot stay. */
function configDescriptor(written: unknown, bytes: Uint8Array): JsonObject {
  const { data, urls, ...kept } = isJsonObject(written) ? written : {}
  return { ...kept, digest: digestOf(bytes), size: bytes.byteLength }
}

function asWritten({ layers, bytes }: WantedLayers, missing: readonly Descriptor[]): readonly unknown[] {
  if (bytes === undefined) return missing
  const written = rawLayers(parseJson(bytes))
  return missing.map((layer) => written[layers.indexOf(layer)])
}

function hasDiffIds({ rootfs }: JsonObject): boolean {
  return isJsonObject(rootfs) && Array.isArray(rootfs.diff_ids)
}

function rawLayers({ layers }: JsonObject): readonly unknown[] {
  return listIn(layers)
}

/** Absent and null are an empty list: that is how Go writes one. */
function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function parseJson(bytes: Uint8Array): JsonObject {
  const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  return isJsonObject(json) ? json : {}
}

function unmergeable({ descriptor }: Manifest, why: string, cause?: unknown): PromotionError {
  return new PromotionError(
    'conflict',
    `Nothing can be added to ${descriptor.digest}, which stands under a tag for signatures: ${why}`,
    {
      cause,
      hint: 'Find out who put it there, and move it to another tag; it is never overwritten.',
    },
  )
}
