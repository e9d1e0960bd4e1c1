import { PromotionError } from '../errors.ts'
import { type Digest, isDigest } from './digest.ts'
import { quoteValue } from './quote-value.ts'

export type Annotations = Readonly<Record<string, string>>

/** Names content by type, digest and size in bytes (OCI image specification, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Annotations
  readonly urls?: readonly string[]
  readonly platform?: Platform
}

/** OCI image specification, image-index.md, the `platform` property. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a descriptor out of parsed JSON; `where` names the place in the error, which is a PromotionError of kind `registry`. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isJsonObject(value)) throw badDescriptor(where, 'is not an object')
  const { mediaType, digest, size, artifactType, annotations, urls, platform } = value
  if (typeof mediaType !== 'string' || mediaType === '') throw badDescriptor(where, 'has no mediaType')
  if (typeof digest !== 'string' || !isDigest(digest)) {
    throw badDescriptor(where, `has the malformed digest ${quoteValue(digest)}`)
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw badDescriptor(where, `has the malformed size ${quoteValue(size)}`)
  }
  return {
    mediaType,
    digest,
    size,
    ...(typeof artifactType === 'string' && artifactType !== '' && { artifactType }),
    ...(isJsonObject(annotations) && { annotations: parseAnnotations(annotations, where) }),
    ...(Array.isArray(urls) && { urls: urls.filter((url) => typeof url === 'string') }),
    ...(isJsonObject(platform) && { platform: parsePlatform(platform) }),
  }
}

/** Annotations whose values are all text; throws a PromotionError of kind `registry` otherwise. */
export function parseAnnotations(value: JsonObject, where: string): Annotations {
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw badDescriptor(where, `has the annotation ${quoteValue(key)}, which is not text`)
  }
  return value as Annotations
}

/** `os/architecture[/variant]`, as `--platform` takes it. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')
}

function parsePlatform({ os, architecture, variant }: JsonObject): Platform {
  return {
    os: typeof os === 'string' ? os : 'unknown',
    architecture: typeof architecture === 'string' ? architecture : 'unknown',
    ...(typeof variant === 'string' && variant !== '' && { variant }),
  }
}

function badDescriptor(where: string, why: string): PromotionError {
  return new PromotionError('registry', `${where} ${why}`, {
    hint: 'The manifest is malformed: push it again with a tool that follows the OCI image specification.',
  })
}
