/** A written reference in its parts, none of which is judged; what does not stand there is undefined. */
export interface SplitReference {
  readonly name: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** Splits `name[:tag][@digest]`; a colon in front of a slash belongs to a port. */
export function splitReference(text: string): SplitReference {
  const at = text.indexOf('@')
  const [named, digest] = at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
  const colon = named.lastIndexOf(':')
  if (colon <= named.lastIndexOf('/')) return { name: named, tag: undefined, digest }
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest }
}
