import { throwAll } from '../errors.ts'
import { lostAt } from '../graph/inventory.ts'
import { assemblePlan } from '../plan/assemble-plan.ts'
import { blobsOfTargets } from '../plan/held-blobs.ts'
import type { LookedAtImage } from '../plan/look-at-image.ts'
import { UNJUDGED, type Verdict } from '../verify/verifier.ts'
import type { TargetFinding } from '../verify/verify-targets.ts'
import type { CopyVerdicts } from './judge-copies.ts'
import type { Run } from './run.ts'
import type { ComparedImage } from './see-images.ts'
import { tellPlan } from './tell-plan.ts'
import { tellUntagged } from './tell-untagged.ts'
import { tellWarnings } from './tell-warnings.ts'

/**
 * Records what was seen of images at their targets, and tells what is worth telling. An image that nobody has is left out: nothing is known of
 * it. Throws for a list that contradicts itself.
 */
export function recordSeen(
  run: Run,
  images: readonly ComparedImage[],
  verdicts: readonly CopyVerdicts[],
): void {
  const { services, record } = run
  const known = images.flatMap((one, index) =>
    one.graph === undefined
      ? []
      : [{ looked: { ...one, graph: one.graph }, verdicts: verdicts[index] ?? [] }],
  )
  const looked = known.map((one) => one.looked)
  const { plan, problems } = assemblePlan(looked, blobsOfTargets(looked), { existingTags: 'move' })
  // Nothing of it is `planned`: it only says what is there.
  record.plan = plan
  record.found = plan.images
  record.verdicts = known.map((one) => worstOf(one.verdicts))
  record.findings = known.map((one) => findingsOf(one.looked, one.verdicts))
  // What the target holds otherwise is for the check to say.
  throwAll(problems.filter(({ kind }) => kind === 'input'))
  if (looked.length > 0) tellUntagged(run, plan)
  tellPlan(plan, services.reporter)
  tellWarnings(copiesOf(looked), services.reporter)
}

/** One for all targets: an image is as good as the worst of its copies. */
function worstOf(verdicts: CopyVerdicts): Verdict {
  const all = verdicts.map((verdict) => verdict ?? UNJUDGED)
  return all.find(({ satisfied }) => !satisfied) ?? all[0] ?? UNJUDGED
}

/** None where the image is not at all of its targets: they go by their order. */
function findingsOf({ graph, targets }: LookedAtImage, verdicts: CopyVerdicts): readonly TargetFinding[] {
  const findings = targets.flatMap(({ repository, state }, index) => {
    const verdict = verdicts[index]
    if (state.graph === undefined || verdict === undefined) return []
    return [{ repository, graph: state.graph, lost: lostAt(state.graph, graph), verdict }]
  })
  return findings.length === targets.length ? findings : []
}

function copiesOf(looked: readonly LookedAtImage[]) {
  return looked.flatMap(({ image, targets }) =>
    targets.flatMap(({ state }) => (state.graph === undefined ? [] : [{ image, graph: state.graph }])),
  )
}
