import type { KeyObject } from 'node:crypto'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { SignatureForm } from '../verify/verifier.ts'

/** Signs images by digest, and pushes the signatures to the image's own repository. */
export interface ImageSigner {
  /** The key that its signatures verify with. */
  readonly publicKey: KeyObject
  /** What it states in each signature. */
  readonly annotations: Annotations
  /** How many images it signs side by side. */
  readonly atATime: number
  /** The forms in which no valid signature by its key with exactly its annotations stands yet: what `sign` would write. */
  missing(graph: ImageGraph, repository: SourceRepository): Promise<readonly SignatureForm[]>
  /**
   * Signs the root of a graph that was just discovered in `repository`, in the forms that are missing, and yields each when it is
   * written: what came before a failure is known. Throws a PromotionError of kind `signing`, or the registry's own error.
   */
  sign(graph: ImageGraph, repository: TargetRepository): AsyncIterable<SignatureForm>
}
