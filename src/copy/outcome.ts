import { type PromotionError, throwAll } from '../errors.ts'
import type { AtomicSignature } from '../oci/atomic-signature.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'

/** What became of one blob at one target repository; `present`: it was there already, which nobody had asked before. */
export type BlobOutcome = { readonly blob: Descriptor; readonly repository: RepositoryName } & (
  | { readonly action: 'present' | 'mounted' | 'sent' }
  | { readonly action: 'failed'; readonly error: PromotionError }
)

/** What became of the GPG signatures that a target lacked: written and read back, or waiting until a tag leads to what they sign. */
export interface AtomicOutcome {
  readonly put: readonly AtomicSignature[]
  readonly waiting: readonly AtomicSignature[]
}

/** What became of one image at one target. */
export interface CopyOutcome {
  readonly repository: RepositoryName
  /** Blobs of this image that the plan did not know to be here, each proven to be here now. */
  readonly blobs: readonly BlobOutcome[]
  readonly manifests: readonly Descriptor[]
  /** Tags of attached artifacts that were merged with what the target had. */
  readonly merged: readonly string[]
  /** Manifests that were read back from here after they were written. */
  readonly proven: ReadonlyMap<Digest, Manifest>
  /** What stands under the tags of attached artifacts that were written, read back as well. */
  readonly tagged: ReadonlyMap<string, Manifest>
  /** Left out where the target lacked none. */
  readonly atomic?: AtomicOutcome
  readonly error?: PromotionError
}

/** The outcomes of all images in the order of the plan, a list of targets each. */
export type CopyOutcomes = readonly (readonly CopyOutcome[])[]

/** Throws the errors of all images that did not arrive everywhere; one that several images share is thrown once. */
export function requireCopied(outcomes: CopyOutcomes): void {
  const errors = outcomes.flat().flatMap(({ error }) => (error === undefined ? [] : [error]))
  throwAll([...new Set(errors)])
}
