import { type Digest, digestOf } from '../oci/digest.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import type { Plan } from './plan.ts'

/**
 * Names what a plan is to bring about: which images, from where, to which repositories and tags. The same for a second run, since what the
 * targets have already is left out.
 */
export function planDigest({ images }: Plan): Digest {
  const intent = images.map(({ image, targets }) => ({
    source: formatReference(image.reference),
    targets: targets.map(({ repository, tags }) => ({
      repository: formatRepository(repository),
      tags: tags.map(({ tag }) => tag),
    })),
  }))
  return digestOf(Buffer.from(JSON.stringify(intent)))
}
