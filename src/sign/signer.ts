import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations, Descriptor, JsonObject } from '../oci/descriptor.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { SignatureForm } from '../verify/verifier.ts'

/** Whoever signs in this run. */
export interface RunSigner {
  /**
   * Who its signatures are by, with the evidence that they carry; a keyless signer asks for its certificate here unless it has one.
   * Throws a PromotionError of kind `signing`.
   */
  identity(): Promise<TrustedSigner>
  /** How many images it signs side by side. */
  readonly atATime: number
}

/** Signs images by digest, and pushes the signatures to the image's own repository. */
export interface ImageSigner extends RunSigner {
  /** What it states in each signature. */
  readonly annotations: Annotations
  /**
   * The forms in which no valid signature by its signer with exactly its annotations stands yet: what `sign` would write. With a
   * `signedName` only those signatures under the tag stand that name this repository; without, whatever they name.
   */
  missing(
    graph: ImageGraph,
    repository: SourceRepository,
    signedName?: RepositoryName,
  ): Promise<readonly SignatureForm[]>
  /**
   * Signs the root of a graph that was just discovered in `repository`, in the forms that are missing, and yields each when it is
   * written: what came before a failure is known. Under the tag the image is called `signedName`, or by the repository it is in. Throws a PromotionError of kind `signing`, or the registry's own error.
   */
  sign(
    graph: ImageGraph,
    repository: TargetRepository,
    signedName?: RepositoryName,
  ): AsyncIterable<SignatureForm>
}

/** What a statement says about its subject (in-toto attestation framework, "Predicate"). */
export interface Claim {
  /** An absolute URI. */
  readonly predicateType: string
  readonly predicate: JsonObject
}

/** Signs in-toto statements about images, and hangs them on the images as referrers. */
export interface ImageAttester extends RunSigner {
  /** Attests to `image`, which is in `repository`. Throws a PromotionError of kind `signing`, or the registry's own error. */
  attest(image: Descriptor, claim: Claim, repository: TargetRepository): Promise<void>
}
