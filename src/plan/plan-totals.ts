import { isToMove } from '../oci/is-to-move.ts'
import type { Plan, PlannedTarget } from './plan.ts'
import { sum } from './sum.ts'
import { writtenManifests } from './written-manifests.ts'

/** What a plan amounts to; bytes are those of blobs that cannot be mounted, and of manifests. */
export interface PlanTotals {
  readonly manifests: number
  readonly blobs: number
  readonly mounts: number
  readonly bytes: number
  readonly attachedTags: number
  readonly tags: number
}

/** Counts the changes of a plan; all zero when there is nothing to do. */
export function totalsOf(plan: Plan): PlanTotals {
  const targets = plan.images.flatMap((image) => image.targets)
  const transfers = plan.blobs.flatMap(({ blob, targets: to }) => to.map((target) => ({ blob, target })))
  const sent = transfers.filter(({ target }) => target.mountFrom === undefined && !target.isNamed)
  const mounts = transfers.filter(({ target }) => target.mountFrom !== undefined)
  const manifests = targets.flatMap((target) => target.manifests)
  return {
    manifests: manifests.length,
    blobs: sent.length,
    mounts: mounts.length,
    bytes: sum([
      ...targets.flatMap(writtenManifests).map(({ descriptor }) => descriptor.size),
      ...sent.map(({ blob }) => blob.size),
    ]),
    attachedTags: sum(targets.map(changedAttachments)),
    tags: sum(targets.map(changedTags)),
  }
}

/** Whether applying the plan would write anything. */
export function isEmpty(plan: Plan): boolean {
  return Object.values(totalsOf(plan)).every((count) => count === 0)
}

function changedAttachments({ attachedTags, referrers, atomic }: PlannedTarget): number {
  return attachedTags.length + referrers.length + (atomic?.missing.length ?? 0)
}

function changedTags({ tags }: PlannedTarget): number {
  return tags.filter(isToMove).length
}
