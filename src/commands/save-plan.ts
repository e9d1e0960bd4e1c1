import { runAll } from '../concurrency.ts'
import type { Settings } from '../inputs/settings.ts'
import { isArtifactPlace } from '../oci/plan-place.ts'
import { cutShards } from '../plan/cut-shards.ts'
import type { PlanCosts } from '../plan/plan-costs.ts'
import { nameOfPolicy } from '../policy/name-of-policy.ts'
import { policyDigest, signerDigest } from '../policy/policy-digest.ts'
import { signatureLayers } from '../saved-plan/inventory-changes.ts'
import { type Decided, type ImageFacts, makeSavedPlan } from '../saved-plan/make-saved-plan.ts'
import type { SavedPlan } from '../saved-plan/saved-plan.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import { VERSION } from '../version.ts'
import { plannedSigning } from './planned-signing.ts'
import type { Prepared } from './prepared.ts'
import { lockPaths } from './write-locks.ts'

/** The path of the file that a plan is saved in; none where it is not saved, or in a registry. */
export function planPaths({ saving: { place } }: Settings): readonly string[] {
  return place === undefined || isArtifactPlace(place) ? [] : [place]
}

/** Saves what was decided where the settings ask for it, to be applied exactly; `missing` is the forms in which each image is to be signed. */
export async function savePlan(
  prepared: Prepared,
  missing: readonly (readonly SignatureForm[])[],
  costs: PlanCosts,
): Promise<void> {
  const { services, settings, record } = prepared.run
  const { place, shards } = settings.saving
  if (place === undefined) return
  await services.reporter.step('Save the plan', async () => {
    // Loaded when it is needed: most plans are only shown.
    const { formatSavedPlan } = await import('../saved-plan/format-saved-plan.ts')
    const cut = cutShards(prepared.plan, shards)
    const { text, digest } = formatSavedPlan(
      makeSavedPlan({ ...(await decide(prepared, missing)), costs, cut }),
    )
    record.cut = cut.quality
    const saved = await services.handover.savePlan(place, text)
    record.saved = { place: saved, digest, shards: cut.shards.length }
  })
}

async function decide(
  { run, plan, locations, locks }: Prepared,
  missing: readonly (readonly SignatureForm[])[],
): Promise<Omit<Decided, 'costs' | 'cut'>> {
  const { services, settings, record } = run
  const policy = await services.policy()
  const facts = await runAll(plan.images, async ({ image, graph }, index): Promise<ImageFacts> => {
    const verdict = record.verdicts[index]
    const signer = services.signerOf(image)
    const forms = missing[index] ?? []
    const layers = signatureLayers(graph)
    return {
      rule: record.rules[index] ?? '',
      verdict: verdict?.satisfied ? verdict : undefined,
      signing:
        signer === undefined || forms.length === 0
          ? undefined
          : { forms, signer: signerDigest(await signer.identity(), signer.annotations), layers },
    }
  })
  const paths = lockPaths(settings)
  return {
    settings,
    signing: await plannedSigning(run),
    plan,
    facts,
    policy: { name: nameOfPolicy(policy), digest: policyDigest(policy) },
    locations,
    locks: paths.length > 0 && locks ? textsOf(paths.length, locks) : undefined,
    madeBy: VERSION,
    madeAt: record.startedAt,
  }
}

function textsOf(targets: number, { keysFrom, textAt }: NonNullable<Prepared['locks']>): SavedPlan['locks'] {
  return {
    texts: Array.from({ length: targets }, (_, target) => textAt(target)),
    ...(keysFrom !== undefined && { keysFrom }),
  }
}
