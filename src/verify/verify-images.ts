import { runAll } from '../concurrency.ts'
import { PromotionError, throwAll } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import { formatReference, type PinnedReference } from '../oci/reference.ts'
import { demandFor } from '../policy/demand-for.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import type { Registries } from '../registry/repository.ts'
import type { SignatureVerifier, Verdict } from './verifier.ts'

/** Judges images where they are; the verdicts are in the order of the images, and an unsatisfied one is not an error yet. */
export function verifyImages(
  found: readonly FoundImage[],
  policy: VerificationPolicy,
  { verifier, registries }: { readonly verifier: SignatureVerifier; readonly registries: Registries },
): Promise<readonly Verdict[]> {
  return runAll(found, async ({ image, graph }) => {
    const { repository } = image.reference
    return verifier.verify(graph, registries.source(repository), demandFor(policy, repository))
  })
}

/** Throws PromotionErrors of kind `verification`, one for each image that does not satisfy the policy, with what was found on it. */
export function requireSatisfied(found: readonly FoundImage[], verdicts: readonly Verdict[]): void {
  throwAll(
    found.flatMap(({ image }, index) => {
      const verdict = verdicts[index]
      if (verdict?.satisfied) return []
      return [unsatisfied(image.reference, verdict).locatedAt(image.location)]
    }),
  )
}

/** The error for one image; says of each signature why it does not count. */
export function unsatisfied(reference: PinnedReference, verdict: Verdict | undefined): PromotionError {
  const signatures = verdict?.signatures ?? []
  const found =
    signatures.length === 0
      ? 'it has no signature'
      : signatures
          .map(({ form, reason }) => `${form === 'tag' ? '.sig' : 'Sigstore bundle'}: ${reason}`)
          .join('; ')
  return new PromotionError(
    'verification',
    `${formatReference(reference)} does not satisfy the policy: ${found}`,
    {
      hint: 'Have it signed as the policy demands, or mend the policy if it names the wrong signer.',
    },
  )
}
