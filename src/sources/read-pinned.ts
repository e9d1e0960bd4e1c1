import type { FileLocation } from '../errors.ts'
import { isPinned, type PinnedReference, parseReference } from '../oci/reference.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'

/** A reference that must carry a digest; undefined after noting what is wrong with it, at its place. */
export function readPinned(
  written: string,
  location: FileLocation,
  problems: SourceProblems,
): PinnedReference | undefined {
  const reference = problems.attempt(location, () => parseReference(written))
  if (reference === undefined || isPinned(reference)) return reference
  const hint = `Pin it: put the digest that "crane digest ${written}" prints behind the name, as name@sha256:…`
  const what = written.endsWith(`:${reference.tag}`) ? 'a tag where a digest must be' : 'no digest'
  problems.add(location, `"${written}" has ${what}`, hint)
  return undefined
}
