import type { FileLocation } from '../errors.ts'

/** What differs: at the image, at what is attached to it, at who has signed it, at a tag, or at what imgpkg is told. */
export type DriftKind =
  | 'image-missing'
  | 'child-missing'
  | 'attached-missing'
  | 'policy'
  | 'tag-missing'
  | 'tag-moved'
  | 'tag-extra'
  | 'tag-unproven'
  | 'locations'

/** One thing that a target holds otherwise than the list and the policy say; plain data. */
export interface DriftEntry {
  readonly kind: DriftKind
  /** The listed image, as `host/path@digest`; of a tag that leads to another image the first one listed for that repository. */
  readonly image: string
  /** The target repository, as `host/path`. */
  readonly repository: string
  /** What is meant there, as `host/path@digest` or `host/path:tag`. */
  readonly target: string
  /** What was found, in one sentence. */
  readonly message: string
  /** What to do, in one sentence. */
  readonly hint: string
  /** Where the list names the image. */
  readonly location?: FileLocation
}
