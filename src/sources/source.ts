import type { FileLocation } from '../errors.ts'
import type { Annotations } from '../oci/descriptor.ts'

import type { PinnedReference, Reference } from '../oci/reference.ts'

/** One entry of what a source lists, before its tag, if it has one, is resolved. */
export interface ListedReference {
  readonly reference: Reference
  /** The reference as it was written. */
  readonly written: string
  /** An ImagesLock's annotations, byte for byte. */
  readonly annotations: Annotations
  readonly location?: FileLocation
}

/** One image to promote, pinned. */
export interface ListedImage extends ListedReference {
  readonly reference: PinnedReference
}
