import { type Arrivals, isComplete } from './arrivals.ts'
import { median } from './median.ts'
import { countRequests, type Traffic } from './relay/traffic.ts'
import type { Run } from './run.ts'
import type { WorkloadName } from './workloads.ts'

/** All runs of one tool on one workload and link: medians of what they cost. Seconds, bytes, counts. */
export interface Summary {
  readonly workload: WorkloadName
  readonly link: string
  readonly tool: string
  readonly runs: number
  readonly failures: readonly string[]
  readonly wall: number
  readonly cpu: number
  readonly memory: number
  readonly traffic: TrafficSummary | null
  readonly arrivals: Arrivals | null
  /** Whether every run succeeded, and left nothing out. */
  readonly complete: boolean
}

export interface TrafficSummary {
  readonly requests: number
  readonly sourceRequests: number
  readonly targetRequests: number
  readonly readFromSource: number
  readonly readFromTarget: number
  readonly writtenToTarget: number
  readonly connections: number
  readonly inFlight: number
}

/** One summary for each tool, workload and link, in the order in which they first ran. */
export function summarise(runs: readonly Run[]): readonly Summary[] {
  const groups = Map.groupBy(runs, ({ workload, link, tool }) => `${workload}\n${link}\n${tool}`)
  return [...groups.values()].map(summariseGroup)
}

function summariseGroup(runs: readonly Run[]): Summary {
  const [first] = runs
  if (first === undefined) throw new Error('a group without runs')
  const { workload, link, tool } = first
  const failures = runs.flatMap(({ failure }) => failure ?? [])
  const missing = runs.find(({ arrivals }) => arrivals !== null && !isComplete(arrivals))
  return {
    ...{ workload, link, tool, failures, runs: runs.length },
    wall: median(runs.map((run) => run.wall)),
    cpu: median(runs.map((run) => run.cpu)),
    memory: median(runs.map((run) => run.memory)),
    traffic: summariseTraffic(runs),
    arrivals: (missing ?? first).arrivals,
    complete: failures.length === 0 && missing === undefined,
  }
}

function summariseTraffic(runs: readonly Run[]): TrafficSummary | null {
  const measured = runs.filter(({ source, target }) => source !== null || target !== null)
  if (measured.length === 0) return null
  const middle = (value: (source: Traffic | null, target: Traffic | null) => number) =>
    median(measured.map(({ source, target }) => value(source, target)))
  const requests = (traffic: Traffic | null) => (traffic ? countRequests(traffic) : 0)
  return {
    requests: middle((source, target) => requests(source) + requests(target)),
    sourceRequests: middle((source) => requests(source)),
    targetRequests: middle((_, target) => requests(target)),
    readFromSource: middle((source) => source?.received ?? 0),
    readFromTarget: middle((_, target) => target?.received ?? 0),
    writtenToTarget: middle((_, target) => target?.sent ?? 0),
    connections: middle((source, target) => (source?.connections ?? 0) + (target?.connections ?? 0)),
    inFlight: middle((source, target) => Math.max(source?.inFlight ?? 0, target?.inFlight ?? 0)),
  }
}
