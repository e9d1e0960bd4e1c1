import pMap from 'p-map'
import { runAll } from '../concurrency.ts'
import { asPromotionError, type PromotionError, throwAll } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { Registries } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import type { ImageSigner } from './signer.ts'

/** What became of one image: the forms that were written, and the error that ended it. */
export interface SignOutcome {
  readonly forms: readonly SignatureForm[]
  /** Nobody was to sign it. */
  readonly isLeft?: true
  readonly error?: PromotionError
}

/** Who signs an image; undefined when nobody does. */
export type SignerOf = (image: ListedImage) => ImageSigner | undefined

/** Signs images by digest where they are; the outcomes are in the order of the images, and a failed one does not stop the others. */
export async function signImages(
  found: readonly FoundImage[],
  signerOf: SignerOf,
  registries: Registries,
): Promise<readonly SignOutcome[]> {
  const outcomes = new Map<FoundImage, SignOutcome>()
  await Promise.all(
    [...bySigner(found, signerOf)].map(([signer, images]) =>
      pMap(images, async (one) => outcomes.set(one, await signImage(one, signer, registries)), {
        concurrency: signer.atATime,
      }),
    ),
  )
  return found.map((one) => outcomes.get(one) ?? { forms: [], isLeft: true })
}

function bySigner(
  found: readonly FoundImage[],
  signerOf: SignerOf,
): ReadonlyMap<ImageSigner, readonly FoundImage[]> {
  const groups = new Map<ImageSigner, FoundImage[]>()
  for (const one of found) {
    const signer = signerOf(one.image)
    if (signer === undefined) continue
    const group = groups.get(signer) ?? []
    group.push(one)
    groups.set(signer, group)
  }
  return groups
}

async function signImage(
  { image, graph }: FoundImage,
  signer: ImageSigner,
  registries: Registries,
): Promise<SignOutcome> {
  const forms: SignatureForm[] = []
  try {
    const repository = registries.target(image.reference.repository)
    for await (const form of signer.sign(graph, repository, image.signedName)) forms.push(form)
    return { forms }
  } catch (thrown) {
    return { forms, error: asPromotionError(thrown).locatedAt(image.location) }
  }
}

/** Throws the errors of all images that could not be signed. */
export function requireSigned(outcomes: readonly SignOutcome[]): void {
  throwAll(outcomes.flatMap(({ error }) => (error === undefined ? [] : [error])))
}

/** The forms in which `signImages` would sign each image, in the order of the images. */
export function findMissingForms(
  found: readonly FoundImage[],
  signerOf: SignerOf,
  registries: Registries,
): Promise<readonly (readonly SignatureForm[])[]> {
  return runAll(found, async ({ image, graph }) => {
    const repository = registries.source(image.reference.repository)
    return (await signerOf(image)?.missing(graph, repository, image.signedName)) ?? []
  })
}
