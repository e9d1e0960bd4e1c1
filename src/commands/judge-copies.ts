import { errorsOf, IMAGES_AT_A_TIME, settleAll } from '../concurrency.ts'
import type { PromotionError } from '../errors.ts'
import { attachedToRoot } from '../graph/attached-to-root.ts'
import { demandAt } from '../policy/demand-at.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import type { Verdict } from '../verify/verifier.ts'
import type { Run } from './run.ts'
import type { ComparedImage } from './see-images.ts'

/** The verdict on an image at each of its targets, in their order; undefined where it is not there. */
export type CopyVerdicts = readonly (Verdict | undefined)[]

/**
 * Judges images where they were promoted to; one verdict holds for all targets of an image where the same is attached to it. Images that
 * could not be judged have no verdicts, and are among the errors.
 */
export async function judgeCopies(
  images: readonly ComparedImage[],
  policy: VerificationPolicy,
  services: Pick<Run['services'], 'registries' | 'verifier'>,
): Promise<{ readonly verdicts: readonly CopyVerdicts[]; readonly errors: readonly PromotionError[] }> {
  const settled = await settleAll(images, IMAGES_AT_A_TIME, (one) => judge(one, policy, services))
  return {
    verdicts: settled.map((one) => ('value' in one ? one.value : [])),
    errors: errorsOf(settled, (index) => images[index]?.image.location),
  }
}

async function judge(
  { image, targets }: ComparedImage,
  policy: VerificationPolicy,
  { registries, verifier }: Pick<Run['services'], 'registries' | 'verifier'>,
): Promise<CopyVerdicts> {
  const demand = demandAt(policy, image.reference)
  const known = new Map<string, Promise<Verdict>>()
  return Promise.all(
    targets.map(({ repository, state: { graph } }) => {
      if (graph === undefined) return undefined
      const key = attachedToRoot(graph)
      const verdict = known.get(key) ?? verifier.verify(graph, registries.source(repository), demand)
      known.set(key, verdict)
      return verdict
    }),
  )
}
