import { runAll } from '../concurrency.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { Registries } from '../registry/repository.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import type { ImageSigner } from './signer.ts'

/** Signs images by digest where they are; the forms that were written are in the order of the images. */
export function signImages(
  found: readonly FoundImage[],
  signer: ImageSigner,
  registries: Registries,
  concurrency: number,
): Promise<readonly (readonly SignatureForm[])[]> {
  return runAll(found, concurrency, ({ image, graph }) =>
    signer.sign(graph, registries.target(image.reference.repository)),
  )
}
