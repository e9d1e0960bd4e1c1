import { type Digest, digestOf } from '../oci/digest.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import type { Plan } from './plan.ts'

/** What is to be brought about for one image, in names: from where, to which repositories and tags. */
export interface Intent {
  readonly source: string
  readonly targets: readonly {
    readonly repository: string
    readonly tags: readonly { readonly tag: string }[]
  }[]
}

/** Names what a plan is to bring about. The same for a second run, since what the targets have already is left out. */
export function planDigest({ images }: Plan): Digest {
  return intentDigest(
    images.map(({ image, targets }) => ({
      source: formatReference(image.reference),
      targets: targets.map(({ repository, tags }) => ({ repository: formatRepository(repository), tags })),
    })),
  )
}

/** The same of what was planned before. */
export function intentDigest(images: readonly Intent[]): Digest {
  const names = images.map(({ source, targets }) => ({
    source,
    targets: targets.map(({ repository, tags }) => ({ repository, tags: tags.map(({ tag }) => tag) })),
  }))
  return digestOf(Buffer.from(JSON.stringify(names)))
}
