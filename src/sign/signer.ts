import type { KeyObject } from 'node:crypto'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { TargetRepository } from '../registry/repository.ts'
import type { SignatureForm } from '../verify/verifier.ts'

/** Signs images by digest, and pushes the signatures to the image's own repository. */
export interface ImageSigner {
  /** The key that its signatures verify with. */
  readonly publicKey: KeyObject
  /** What it states in each signature. */
  readonly annotations: Annotations
  /**
   * Signs the root of a graph that was just discovered in `repository`. Returns the forms that were written: those in which a valid
   * signature by the same key with the same annotations stands already are left out. Throws a PromotionError of kind `signing`.
   */
  sign(graph: ImageGraph, repository: TargetRepository): Promise<readonly SignatureForm[]>
}
