import { runAll } from '../concurrency.ts'
import { PromotionError, throwAll } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import { formatReference, type PinnedReference } from '../oci/reference.ts'
import { demandAt } from '../policy/demand-at.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import type { Registries } from '../registry/repository.ts'
import { describeRefusal } from './describe-refusal.ts'
import type { SignatureVerifier, Verdict } from './verifier.ts'

const CHECK_ROOT = '; where nothing is trusted, check that `trusted-root` is of the right Sigstore instance'

/** Judges images where they are; the verdicts are in the order of the images, and an unsatisfied one is not an error yet. */
export function verifyImages(
  found: readonly FoundImage[],
  policy: VerificationPolicy,
  { verifier, registries }: { readonly verifier: SignatureVerifier; readonly registries: Registries },
): Promise<readonly Verdict[]> {
  return runAll(found, async ({ image, graph }) => {
    return verifier.verify(
      graph,
      registries.source(image.reference.repository),
      demandAt(policy, image.reference),
    )
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

/** The error for one image; says of each signature that does not count why, and what is lacking in the end. */
export function unsatisfied(reference: PinnedReference, verdict: Verdict | undefined): PromotionError {
  return new PromotionError('verification', `${formatReference(reference)} ${describeRefusal(verdict)}`, {
    hint: `Have it signed or attested to as the policy demands, or mend the policy if it names the wrong signer${verdict?.asksRoot ? CHECK_ROOT : ''}.`,
  })
}
