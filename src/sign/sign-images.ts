import pMap from 'p-map'
import { runAll } from '../concurrency.ts'
import { asPromotionError, type PromotionError, throwAll } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { Registries } from '../registry/repository.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import type { ImageSigner } from './signer.ts'

/** What became of one image: the forms that were written, and the error that ended it. */
export interface SignOutcome {
  readonly forms: readonly SignatureForm[]
  readonly error?: PromotionError
}

/** Signs images by digest where they are; the outcomes are in the order of the images, and a failed one does not stop the others. */
export async function signImages(
  found: readonly FoundImage[],
  signer: ImageSigner,
  registries: Registries,
): Promise<readonly SignOutcome[]> {
  return pMap(found, (one) => signImage(one, signer, registries), { concurrency: signer.atATime })
}

async function signImage(
  { image, graph }: FoundImage,
  signer: ImageSigner,
  registries: Registries,
): Promise<SignOutcome> {
  const forms: SignatureForm[] = []
  try {
    for await (const form of signer.sign(graph, registries.target(image.reference.repository)))
      forms.push(form)
    return { forms }
  } catch (thrown) {
    return { forms, error: asPromotionError(thrown).locatedAt(image.location) }
  }
}

/** Throws the errors of all images that could not be signed. */
export function requireSigned(outcomes: readonly SignOutcome[]): void {
  throwAll(outcomes.flatMap(({ error }) => (error === undefined ? [] : [error])))
}

/** The images that `signImages` would sign, because some form of the signature is missing. */
export async function findUnsigned(
  found: readonly FoundImage[],
  signer: ImageSigner,
  registries: Registries,
): Promise<readonly FoundImage[]> {
  const missing = await runAll(found, ({ image, graph }) =>
    signer.missing(graph, registries.source(image.reference.repository)),
  )
  return found.filter((_, index) => missing[index]?.length !== 0)
}
