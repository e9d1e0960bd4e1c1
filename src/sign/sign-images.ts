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

/** The images that `signImages` would sign, because some form of the signature is missing. */
export async function findUnsigned(
  found: readonly FoundImage[],
  signer: ImageSigner,
  registries: Registries,
  concurrency: number,
): Promise<readonly FoundImage[]> {
  const missing = await runAll(found, concurrency, ({ image, graph }) =>
    signer.missing(graph, registries.source(image.reference.repository)),
  )
  return found.filter((_, index) => missing[index]?.length !== 0)
}
