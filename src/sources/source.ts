import type { FileLocation } from '../errors.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { PinnedReference, Reference, RepositoryName } from '../oci/reference.ts'
import type { TextMatch } from '../policy/text-match.ts'

/** One entry of what a source lists, before its tag, if it has one, is resolved. */
export interface ListedReference {
  readonly reference: Reference
  /** The reference as it was written. */
  readonly written: string
  /** An ImagesLock's annotations, byte for byte. */
  readonly annotations: Annotations
  /** The tags by which the list says that the image was known. */
  readonly originTags: readonly string[]
  /** The list says that it is an imgpkg bundle. */
  readonly isBundle?: true
  /** What the list says about the image besides; undefined where its format cannot say it. */
  readonly terms?: ImageTerms
  readonly location?: FileLocation
}

/** Who signs an image, and who must have signed it, as its list says; what is left out is as the inputs say. */
export interface ImageTerms {
  readonly sign?: { readonly by: 'nobody' | 'keyless' } | { readonly by: 'key'; readonly key: string }
  readonly verify?: ImageProof
}

/** Keys are as the input `public-key` takes them. */
export type ImageProof =
  | { readonly by: 'nobody' }
  | { readonly by: 'key'; readonly publicKey: string }
  | { readonly by: 'certificate'; readonly identity: TextMatch; readonly issuer: TextMatch }

/** One image to promote, pinned. */
export interface ListedImage extends ListedReference {
  /** Where it is read. */
  readonly reference: PinnedReference
  /** The imgpkg bundle that brought the image in, or that it is. */
  readonly bundle?: BundlePart
  /** The repository that new signatures name; left out: the one that the image is read from. */
  readonly signedName?: RepositoryName
}

/** What an image is in an imgpkg bundle. */
export interface BundlePart {
  /** The outermost bundle, by whose repository targets are chosen for all of it. */
  readonly root: PinnedReference
  /** Whether the image is the root itself, and whether it is a bundle: the root, or one in it. */
  readonly isRoot: boolean
  readonly isBundle: boolean
}

/** Where an image is at a target, and by which tag if it has got one there. */
export interface ImagePlace {
  readonly reference: PinnedReference
  readonly tag: string | undefined
}

/** A file, or several that are one list, as it was read. */
export interface ImageDocument {
  readonly listed: readonly ListedReference[]
  /** The same document with the images where they are at a target. */
  rewrite(placeOf: (listed: ListedReference) => ImagePlace): string
}
