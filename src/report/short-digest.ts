/** As many characters as tell digests apart for the eye, `sha256:` among them. */
const SHOWN = 19

/** The beginning of a digest, for a place where a person reads it. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, SHOWN)}…`
}

/** The name in front of the digest of a pinned reference. */
export function withoutDigest(reference: string): string {
  return reference.slice(0, reference.lastIndexOf('@'))
}
