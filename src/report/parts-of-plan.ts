import type { Digest } from '../oci/digest.ts'
import type { ReportedRun } from './reported-run.ts'

/** The parts that a plan is cut into: `1/2`, `2/2`. */
export function partsOfPlan(shards: number): readonly string[] {
  return Array.from({ length: shards }, (_, at) => `${at + 1}/${shards}`)
}

/** The part of the plan that a run applied, as its report says; undefined where it did something else. */
export function partApplied({ command, plan }: ReportedRun, digest: Digest): string | undefined {
  return command === 'promote' && plan?.digest === digest ? plan.shard : undefined
}
