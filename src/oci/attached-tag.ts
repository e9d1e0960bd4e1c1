import type { Digest } from './digest.ts'

/** The three tags by which cosign attaches an artifact to a digest, by their suffix. */
export const TAG_KINDS = ['sig', 'att', 'sbom'] as const

export type TagKind = (typeof TAG_KINDS)[number]

const LONGEST_ALGORITHM = 32
const LONGEST_HEX = 64

/**
 * The tag of an index that lists the referrers of a digest where the registry has no referrers API: algorithm cut at 32, `-`, hex
 * cut at 64 (OCI distribution specification, "Referrers Tag Schema").
 */
export function fallbackTag(digest: Digest): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return `${algorithm.slice(0, LONGEST_ALGORITHM)}-${hex.slice(0, LONGEST_HEX)}`
}

/** `sha256-<hex>.sig` and its like (cosign, specs/SIGNATURE_SPEC.md, "Tag-based discovery"). */
export function attachedTag(digest: Digest, kind: TagKind): string {
  return `${digest.replace(':', '-')}.${kind}`
}

/** Whether a tag has the form of those that hang something on a digest: no image of its own may stand under it. */
export function isAttachedTag(tag: string): boolean {
  return /^sha(?:256|512)-[a-f0-9]{64}/.test(tag)
}
