import type { FileLocation } from '../errors.ts'
import type { FoundFile } from '../files/read-text-files.ts'
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
  /** The list names it by a tag that means it no longer. */
  readonly isTagLost?: true
  /** The list says that it is an imgpkg bundle. */
  readonly isBundle?: true
  /** Nobody but the archive that the image is read from gives it this name. */
  readonly isSelfNamed?: true
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

/** One entry that names its image by digest. */
export interface PinnedListing extends ListedReference {
  readonly reference: PinnedReference
}

/** One image to promote, where it is read. */
export interface ListedImage extends PinnedListing {
  /** The tag by which it was found; left out where the list names it by digest. */
  readonly resolvedTag?: string
  /** The imgpkg bundle that brought the image in, or that it is. */
  readonly bundle?: BundlePart
  /** The repository that new signatures name; left out: the one that the image is read from. */
  readonly signedName?: RepositoryName
}

/** What an image is in an imgpkg bundle. */
export interface BundlePart {
  /** The outermost bundle, by whose repository targets are chosen for all of it. */
  readonly root: PinnedReference
  /** Whether the image is the root itself. */
  readonly isRoot: boolean
}

/** Where an image is at a target, and by which tag if it has got one there. */
export interface ImagePlace {
  readonly reference: PinnedReference
  readonly tag: string | undefined
}

/** A file, or several that are one list, as it was read. */
export interface ImageDocument {
  readonly listed: readonly ListedReference[]
  /** The rewritten document names an image that had a tag by its tag at the target, and can name it in no other way. */
  readonly needsTags?: true
  /** The folder at which relative paths of keys start that stand in the rewritten document; left out where there are none. */
  readonly keysFrom?: string
  /** The same document with the images where they are at a target. */
  rewrite(placeOf: (listed: ListedReference) => ImagePlace): string
}

/** What compose files list, and the files that were read for it. */
export interface ComposeList extends ImageDocument {
  readonly files: readonly Pick<FoundFile, 'file' | 'path'>[]
}

/** Where the images to work on are listed. */
export interface ImageSources {
  /** Reads the list that came with the images, which counts where no other is given. */
  readonly archived?: (() => Promise<ImageDocument>) | undefined
  /** Paths and globs of lists, relative to `workingDirectory`. */
  readonly lock: readonly string[]
  /** References, by tag or digest. */
  readonly images: readonly string[]
  /** References of imgpkg bundles, by tag or digest. */
  readonly bundles: readonly string[]
  /** Reads compose files; undefined when there are none. */
  readonly compose?: (() => Promise<ComposeList>) | undefined
  /** The path of the OCI layout that all images are read from; undefined: from their registries. */
  readonly from: string | undefined
  /** Paths of files that the run will write, which must not be among the locks. */
  readonly outputs: readonly string[]
  readonly workingDirectory: string
}

/** Takes what the user should know. */
export type Warn = (message: string, location?: FileLocation) => void
