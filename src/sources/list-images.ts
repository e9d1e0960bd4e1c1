import type { FetchManifest } from './helm-lock-document.ts'
import type { ImageDocument, Warn } from './source.ts'

/** Says what a list that was read holds; of some lists that is for a registry to say. */
export type ListImages = (fetch: FetchManifest, warn: Warn) => Promise<ImageDocument>

/** A list that says all itself. */
export function asRead(document: ImageDocument): ListImages {
  return () => Promise.resolve(document)
}
