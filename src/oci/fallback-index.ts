import { PromotionError } from '../errors.ts'
import { type Descriptor, isJsonObject } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { bareDescriptor, type IndexManifest, type Manifest, parseManifest } from './manifest.ts'

/** More referrers than this on one subject are refused rather than read. */
export const MOST_REFERRERS = 1000

/** What a list of referrers says of a manifest: its artifactType and annotations pulled up. */
export function listingOf({ descriptor, artifactType, annotations }: Manifest): Descriptor {
  return {
    ...bareDescriptor(descriptor),
    ...(artifactType !== undefined && { artifactType }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

/**
 * Whether what stands under a subject's fallback tag is the subject: some registries take `sha256-<hex>` for the digest, and anybody can
 * tag an image like that. It lists no referrers, whatever children it has.
 */
export function isSubjectItself({ descriptor }: Manifest, subject: Digest): boolean {
  return descriptor.digest === subject
}

/**
 * The index of a fallback tag with more entries; all that stands in it, known to us or not, stays. Throws a PromotionError of kind
 * `registry` when it cannot be written again; `where` names the index.
 */
export function withEntries(index: IndexManifest, entries: readonly Descriptor[], where: string): Manifest {
  return rewritten(index, (manifests) => [...manifests, ...entries], where)
}

/** The same without entries: those that are to be kept, by their digests, stay as they are. */
export function onlyEntries(index: IndexManifest, kept: ReadonlySet<string>, where: string): IndexManifest {
  const isKept = (entry: unknown) => isJsonObject(entry) && kept.has(String(entry.digest))
  return rewritten(index, (manifests) => manifests.filter(isKept), where)
}

function rewritten(
  index: IndexManifest,
  change: (manifests: readonly unknown[]) => readonly unknown[],
  where: string,
): IndexManifest {
  const json: unknown = JSON.parse(new TextDecoder().decode(index.bytes))
  const { manifests, ...rest } = isJsonObject(json) ? json : {}
  const merged = { ...rest, manifests: change(Array.isArray(manifests) ? manifests : []) }
  const manifest = parseManifest(toJson(merged, where), index.descriptor.mediaType, 'a merged index')
  if (manifest.kind === 'index') return manifest
  throw new PromotionError('internal', 'an index became an image manifest')
}

/** What is nested too deeply can be read and not be written. */
function toJson(value: unknown, where: string): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(value))
  } catch (cause) {
    throw new PromotionError('registry', `${where} holds an index of referrers that is nested too deeply`, {
      cause,
      hint: 'Something overwrote the referrers fallback tag; find out what, and delete or rebuild that tag.',
    })
  }
}
