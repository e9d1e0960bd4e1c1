/** As many characters as tell digests apart for the eye, `sha256:` among them. */
const SHOWN = 19

/** The beginning of a digest, for a place where a person reads it. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, SHOWN)}…`
}
