import pMap from 'p-map'
import { PromotionError } from '../errors.ts'
import type { AtomicSignature } from '../oci/atomic-signature.ts'
import type { Digest } from '../oci/digest.ts'
import { formatRepository } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'

const QUESTIONS = 8
/** Characters of all GPG signatures of one image together, base64; each has one or two thousand. */
const MOST_CHARACTERS = 16 * 1024 * 1024

/**
 * The GPG signatures of these manifests, in their order; undefined where the registry keeps none, which costs no request. More of them than
 * any image has throws a PromotionError of kind `incomplete`.
 */
export async function atomicSignaturesOf(
  manifests: readonly Digest[],
  repository: SourceRepository,
): Promise<readonly AtomicSignature[] | undefined> {
  const store = repository.atomicSignatures()
  if (store === undefined) return undefined
  let characters = 0
  const found = await pMap(
    manifests,
    async (digest) => {
      const signatures = await store.list(digest)
      characters += signatures.reduce((sum, { content }) => sum + content.length, 0)
      if (characters > MOST_CHARACTERS) throw tooMany(repository)
      return signatures
    },
    { concurrency: QUESTIONS },
  )
  return found.flat()
}

function tooMany({ name }: SourceRepository): PromotionError {
  return new PromotionError(
    'incomplete',
    `${formatRepository(name)}: the GPG signatures of the image are more than ${MOST_CHARACTERS} characters`,
    {
      hint: 'No image is signed so often: look at what its registry keeps of it, and remove what does not belong there.',
    },
  )
}
