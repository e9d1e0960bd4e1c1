import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { ListedImage } from '../sources/source.ts'

/** A fallback tag that does not list the referrers of its subject as it should; plain data. */
export interface FallbackReport {
  /** As `host/path:sha256-…`. */
  readonly tag: string
  /** The digest whose referrers belong there. */
  readonly subject: string
  /** What stands there: something else than an index, what cannot be read, or an index some of whose entries are false. */
  readonly found: 'no index' | 'unreadable' | 'false entries'
  /** The digest of what stands there; null where the registry does not say. */
  readonly digest: string | null
  /** When that was made, as it says itself: it has not stood there before. ISO 8601; null where it says nothing. */
  readonly since: string | null
  /** Entries that name what is not there, or what refers to something else. */
  readonly falseEntries: readonly string[]
  /** Referrers that the source lists and the target has, and that are not listed here. */
  readonly hidden: readonly string[]
  readonly action: 'left' | 'rebuilt'
  /** Whether what stood there is still to be had by its digest; left out where nothing was written. */
  readonly isKept?: boolean
}

/** The same with what is needed to write the tag anew. */
export interface FoundFallback {
  readonly image: ListedImage
  readonly repository: RepositoryName
  readonly tag: string
  readonly subject: Digest
  /** What stands there, where it can be read. */
  readonly standing: Manifest | undefined
  readonly digest: Digest | undefined
  readonly since: Date | undefined
  readonly valid: readonly Descriptor[]
  readonly falseEntries: readonly Descriptor[]
  readonly hidden: readonly Manifest[]
}
