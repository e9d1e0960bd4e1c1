import { formatReference, formatRepository, type Reference } from '../oci/reference.ts'
import type { ListedImage } from '../sources/source.ts'
import type { DriftEntry, DriftKind } from './drift-entry.ts'

/** What is to be said of one thing that differs; `message` goes on behind the name of the target. */
interface Found {
  readonly target: Reference
  readonly message: string
  readonly hint: string
}

/** The entry for something that differs at a target, on the line of a listed image. */
export function driftAt(image: ListedImage, kind: DriftKind, { target, message, hint }: Found): DriftEntry {
  const name = formatReference(target)
  return {
    kind,
    image: formatReference(image.reference),
    repository: formatRepository(target.repository),
    target: name,
    message: `${name} ${message}`,
    hint,
    ...(image.location && { location: image.location }),
  }
}
