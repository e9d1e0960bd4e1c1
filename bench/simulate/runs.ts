import { ASSUMPTIONS } from './assumptions.ts'
import { type FleetOptions, type FleetTime, runFleet } from './fleet.ts'
import { ACTIONS } from './published-limits.ts'
import { sumOf } from './registry-model.ts'
import type { ShardGroup, ShardSize } from './shard-size.ts'
import {
  type Route,
  type StepWork,
  workToAsk,
  workToCopy,
  workToLook,
  workToMoveTags,
  workToPreflight,
  workToProve,
} from './work.ts'

/** What a run of one or many jobs takes. */
export interface RunTime extends FleetTime {
  readonly requests: number
}

/** How many runners do how much, and how they are set up; what is left out is as usual. */
export interface RunOptions extends Partial<FleetOptions> {
  readonly groups: readonly ShardGroup[]
}

/** The most requests in flight to a host, unless told otherwise (registry/host-limits.ts). */
export const USUAL_CONCURRENCY = 64

const USUAL: FleetOptions = {
  concurrency: USUAL_CONCURRENCY,
  bandwidth: ASSUMPTIONS.runnerBandwidth,
  jobStart: ASSUMPTIONS.jobStart,
  jobsAtATime: ACTIONS.jobsAtATime.Enterprise,
}

/** One job that promotes everything for the first time. */
export function firstPromotion(route: Route, options: RunOptions): RunTime {
  return run(options, (shard) => [...copySteps(route, shard), workToMoveTags(route, shard, false)])
}

/** The jobs of a matrix, which do all but move the tags. */
export function shardJobs(route: Route, options: RunOptions): RunTime {
  return run(options, (shard) => copySteps(route, shard))
}

/** `plan` before the first promotion. */
export function planJob(route: Route, options: RunOptions): RunTime {
  return run(options, (shard) => [workToLook(route, shard, false), workToAsk(route, shard)])
}

/** `finish`, when all is there but the tags. */
export function finishJob(route: Route, options: RunOptions): RunTime {
  return run(options, (shard) => [workToLook(route, shard, true), workToMoveTags(route, shard, false)])
}

/** `promote` once more, when there is nothing to do. */
export function secondRun(route: Route, options: RunOptions): RunTime {
  return run(options, (shard) => [workToLook(route, shard, true), workToMoveTags(route, shard, true)])
}

/** One after the other. */
export function inARow(runs: readonly RunTime[]): RunTime {
  const [longest] = runs.toSorted((one, other) => other.seconds - one.seconds)
  return {
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
    runnerSeconds: runs.reduce((sum, { runnerSeconds }) => sum + runnerSeconds, 0),
    requests: runs.reduce((sum, { requests }) => sum + requests, 0),
    bottleneck: longest?.bottleneck ?? '',
  }
}

function copySteps(route: Route, shard: ShardSize): readonly StepWork[] {
  return [workToLook, workToPreflight, workToCopy, workToProve].map((step) => step(route, shard))
}

function run(
  { groups, ...options }: RunOptions,
  stepsOf: (shard: ShardSize) => readonly StepWork[],
): RunTime {
  const squads = groups.map((group) => ({ runners: group.shards, steps: stepsOf(group) }))
  const requests = squads.reduce((sum, { runners, steps }) => sum + runners * requestsOf(steps), 0)
  return { ...runFleet(squads, { ...USUAL, ...options }), requests }
}

function requestsOf(steps: readonly StepWork[]): number {
  const hosts = steps.flatMap((step) => step.hosts)
  return hosts.reduce((sum, { requests }) => sum + sumOf(requests), 0)
}
