import type { Summary } from './summary.ts'
import { OURS } from './tools/ours.ts'
import type { WorkloadName } from './workloads.ts'

/** What a goal is judged by: the summaries of one bench, and the bytes that a release consists of. */
export interface Measured {
  readonly summaries: readonly Summary[]
  readonly releaseBytes: number
}

/** A goal and what came of it. */
export interface Judged {
  readonly goal: string
  /** What ours is compared with, with its number. */
  readonly best: string
  readonly ours: string
  readonly met: boolean
}

/** A goal with its arithmetic; `undefined` when what it needs was not measured. */
export interface Goal {
  readonly what: string
  judge(measured: Measured): Omit<Judged, 'goal'> | undefined
}

const IMAGES = 100
const MIB = 1024 * 1024
const MB = 1_000_000
/** The fastest tool that brought everything along. */
export const COMPLETE = 'complete'
/** Headers, and manifests that are read by tag and by digest, come on top of the content. */
const ONCE = 1.1

/** Ours on one workload and link, and whom it is compared with. */
export interface Comparison {
  readonly ours: string
  readonly workload: WorkloadName
  readonly link: string
  /** A tool, or COMPLETE. */
  readonly than: string
}

/** Ours takes at most a `factor`-th of the other's time. */
export function faster(factor: number, comparison: Comparison): Goal {
  return compare(`at least ${factor}× faster`, comparison, ({ wall }, peer) => {
    const ratio = peer.wall / wall
    return { ours: `${seconds(wall)}, ${ratio.toFixed(2)}×`, met: ratio >= factor }
  })
}

/** Ours takes at most `factor` times the other's time. */
export function within(factor: number, comparison: Comparison): Goal {
  return compare(`at most ${factor}× the time`, comparison, ({ wall }, peer) => {
    const ratio = wall / peer.wall
    return { ours: `${seconds(wall)}, ${ratio.toFixed(2)}×`, met: ratio <= factor }
  })
}

/** Ours takes at most a `factor`-th of the other's CPU time. */
export function lessCpu(factor: number, comparison: Comparison): Goal {
  return {
    what: title(comparison, `at most 1/${factor} of the CPU time`),
    judge: (measured) => {
      const [ours, peer] = pair(measured, comparison)
      if (!ours || !peer) return undefined
      const ratio = peer.cpu / ours.cpu
      return {
        best: `${peer.tool}, ${seconds(peer.cpu)}`,
        ours: `${seconds(ours.cpu)}, 1/${ratio.toFixed(2)}`,
        met: ours.complete && ratio >= factor,
      }
    },
  }
}

function compare(
  words: string,
  comparison: Comparison,
  judge: (ours: Summary, peer: Summary) => Pick<Judged, 'ours' | 'met'>,
): Goal {
  return {
    what: title(comparison, words),
    judge: (measured) => {
      const [ours, peer] = pair(measured, comparison)
      if (!ours || !peer) return undefined
      const judged = judge(ours, peer)
      const best = `${peer.tool}, ${seconds(peer.wall)}`
      // A run that failed or left something out proves no speed.
      return { best, ours: judged.ours, met: judged.met && isSound(ours) }
    },
  }
}

function title({ ours, workload, link, than }: Comparison, words: string): string {
  const peer = than === COMPLETE ? 'the fastest complete tool' : than
  return `${workload}, ${link}, ${ours}: ${words}${words.endsWith('faster') ? ' than' : ' of'} ${peer}`
}

function pair(
  { summaries }: Measured,
  { ours, workload, link, than }: Comparison,
): readonly [Summary | undefined, Summary | undefined] {
  const here = summaries.filter((summary) => summary.workload === workload && summary.link === link)
  const peers = here
    .filter(({ tool }) => (than === COMPLETE ? !tool.startsWith(OURS) : tool === than))
    .filter((peer) => (than === COMPLETE ? peer.complete : peer.failures.length === 0))
    .toSorted((one, other) => one.wall - other.wall)
  return [here.find(({ tool }) => tool === ours), peers[0]]
}

/** One workload of ours takes at most `factor` times another one of ours. */
export function withinOwn(
  factor: number,
  tool: string,
  [workload, link]: readonly [WorkloadName, string],
  [base, baseLink]: readonly [WorkloadName, string],
): Goal {
  return {
    what: `${workload}, ${link}, ${tool}: at most ${factor}× the time of ${base}`,
    judge: ({ summaries }) => {
      const find = (name: WorkloadName, on: string) =>
        summaries.find((one) => one.workload === name && one.link === on && one.tool === tool)
      const [ours, other] = [find(workload, link), find(base, baseLink)]
      if (!ours || !other) return undefined
      const ratio = ours.wall / other.wall
      return {
        best: `${base}, ${seconds(other.wall)}`,
        ours: `${seconds(ours.wall)}, ${ratio.toFixed(2)}×`,
        met: ratio <= factor && isSound(ours) && isSound(other),
      }
    },
  }
}

/** What is read from the source is what is there, with some room for headers. */
export function readOnce(workload: WorkloadName, link: string): Goal {
  return {
    what: `${workload}, ${link}, ${OURS}: each byte of the source is read once`,
    judge: ({ summaries, releaseBytes }) => {
      const here = summaries.filter((one) => one.workload === workload && one.link === link)
      const ours = here.find(({ tool }) => tool === OURS)
      if (!ours?.traffic) return undefined
      const read = ours.traffic.readFromSource
      return {
        best: `content, ${megabytes(releaseBytes)}`,
        ours: `${megabytes(read)}, ${(read / releaseBytes).toFixed(2)}×`,
        met: read <= releaseBytes * ONCE && isSound(ours),
      }
    },
  }
}

/** So many requests an image, to both sides together. */
export function requestsAtMost(limit: number, tool: string, workload: WorkloadName): Goal {
  return {
    what: `${workload}, 25 ms, ${tool}: at most ${limit} requests an image`,
    judge: ({ summaries }) => {
      const here = summaries.filter((one) => one.workload === workload && one.link === '25 ms')
      const ours = here.find((one) => one.tool === tool)
      if (!ours?.traffic) return undefined
      const [fewest] = here
        .filter((one) => one.complete && !one.tool.startsWith(OURS))
        .toSorted((one, other) => requests(one) - requests(other))
      const each = requests(ours) / IMAGES
      return {
        best: fewest ? `${fewest.tool}, ${(requests(fewest) / IMAGES).toFixed(1)}` : '',
        ours: each.toFixed(1),
        // A list of tags or a token is asked once a run, not once an image.
        met: Math.floor(each) <= limit && isSound(ours),
      }
    },
  }
}

/** So many MiB at most, in whatever was run. */
export function memoryAtMost(limit: number, workload: WorkloadName): Goal {
  return {
    what: `${workload}, every link: at most ${limit} MiB of memory, however large a blob is`,
    judge: ({ summaries }) => {
      const [most] = summaries
        .filter((one) => one.tool.startsWith(OURS) && one.workload === workload)
        .toSorted((one, other) => other.memory - one.memory)
      if (most === undefined) return undefined
      const used = most.memory / MIB
      return {
        best: '',
        ours: `${used.toFixed(0)} MiB in ${most.workload}, ${most.link}, ${most.tool}`,
        met: used <= limit,
      }
    },
  }
}

function isSound(summary: Summary): boolean {
  return summary.arrivals === null ? summary.failures.length === 0 : summary.complete
}

function requests({ traffic }: Summary): number {
  return traffic?.requests ?? 0
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`
}

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`
}
