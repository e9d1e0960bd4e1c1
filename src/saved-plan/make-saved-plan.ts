import { comingArtifacts } from '../graph/coming-artifacts.ts'
import { type InventoryEntry, inventoryOf } from '../graph/inventory.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Digest } from '../oci/digest.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import type { ShardCut } from '../plan/cut-shards.ts'
import type { Plan, PlannedImage, PlannedTarget } from '../plan/plan.ts'
import type { PlanCosts, TargetCosts } from '../plan/plan-costs.ts'
import type { LocationsChange } from '../plan/plan-locations.ts'
import type { Verdict } from '../verify/verifier.ts'
import { saveImage } from './saved-image.ts'
import type { SavedImage, SavedPlan, SavedTarget } from './saved-plan.ts'

/** What was found out about one image besides what is in the plan. */
export interface ImageFacts {
  /** Which rule of the policy speaks of it. */
  readonly rule: string
  /** Undefined where it is to be signed before it is judged. */
  readonly verdict: Verdict | undefined
  readonly signing: SavedImage['signing']
}

/** All that was decided. */
export interface Decided {
  readonly settings: Pick<Settings, 'to' | 'tags' | 'imgpkgTags' | 'copying'>
  readonly signing: Pick<SavedPlan, 'recursive' | 'attester'>
  readonly plan: Plan
  /** In the order of the plan. */
  readonly facts: readonly ImageFacts[]
  readonly costs: PlanCosts
  readonly cut: ShardCut
  readonly policy: { readonly name: string; readonly digest: Digest }
  readonly locations: readonly LocationsChange[]
  readonly locks: SavedPlan['locks']
  readonly madeBy: string
  readonly madeAt: Date
}

/** A plan as plain data. */
export function makeSavedPlan(decided: Decided): SavedPlan {
  const { settings, signing, plan, facts, costs, cut, policy, locations, locks, madeBy, madeAt } = decided
  const { to, tags, imgpkgTags, copying } = settings
  return {
    madeBy,
    madeAt: madeAt.toISOString(),
    policy,
    copying: copying.by === 'registry' ? copying : { ...copying, url: copying.url.href },
    ...signing,
    to,
    tags,
    imgpkgTags,
    images: plan.images.map((image, index) =>
      savePlanned(image, facts[index], costs.images[index]?.targets ?? []),
    ),
    locations: locations.map(({ repository, tag, locations: noted }) => ({
      repository: formatRepository(repository),
      tag,
      locations: noted.map(({ image, isBundle }) => ({ image: formatReference(image), isBundle })),
    })),
    ...(locks && { locks }),
    hosts: costs.hosts.map(({ host, side, requests, bytes }) => ({ host, side, requests, bytes })),
    shards: cut.shards,
    cut: cut.quality,
  }
}

function savePlanned(
  { image, graph, targets }: PlannedImage,
  facts: ImageFacts | undefined,
  costs: readonly TargetCosts[],
): SavedImage {
  const { rule = '', verdict, signing } = facts ?? {}
  const counting = verdict?.signatures.filter(({ counts }) => counts) ?? []
  return {
    ...saveImage(image),
    inventory: inventoryOf(graph).map(({ subject, kind, digest }: InventoryEntry) => ({
      subject,
      kind,
      digest,
    })),
    rule,
    signatures: counting.map(({ form, manifest, signers, predicateType }) => ({
      form,
      manifest,
      signers,
      ...(predicateType !== undefined && { predicateType }),
    })),
    ...(signing && { signing }),
    targets: targets.map((target, at) => saveTarget(target, costs[at])),
  }
}

function saveTarget(target: PlannedTarget, costs: TargetCosts | undefined): SavedTarget {
  const { repository, present, missing, atomic, tags } = target
  return {
    repository: formatRepository(repository),
    present,
    missing,
    bytes: costs?.bytes ?? 0,
    mounted: costs?.mountedBlobs ?? 0,
    requests: costs?.requests ?? 0,
    attached: comingArtifacts(target),
    leftBehind: atomic?.leftBehind.length ?? 0,
    tags: tags.map((change) =>
      change.action === 'move'
        ? { tag: change.tag, action: change.action, previous: change.previous }
        : { tag: change.tag, action: change.action },
    ),
  }
}
