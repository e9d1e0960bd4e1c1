import { formatTable } from '../tools/markdown.ts'
import { type Arrivals, isComplete, type Share } from './arrivals.ts'
import type { Judged } from './goal-kinds.ts'
import type { Summary } from './summary.ts'
import { WORKLOADS, type WorkloadName } from './workloads.ts'

const MIB = 1024 * 1024
const MB = 1_000_000
const HEAD = [
  'Tool',
  'Wall, s',
  'CPU, s',
  'Memory, MiB',
  'Requests, source + target',
  'Read from source, MB',
  'Written to target, MB',
  'Connections',
  'Most at once',
  'Arrived',
]

/** One table a workload and link, fastest tool first, each under a heading. */
export function formatWorkloads(summaries: readonly Summary[]): string {
  const groups = Map.groupBy(summaries, ({ workload, link }) => `${title(workload)}, ${link}`)
  return [...groups]
    .map(([heading, group]) => {
      const rows = group.toSorted((one, other) => one.wall - other.wall).map(formatRow)
      return `### ${heading}\n\n${formatTable(HEAD, rows)}`
    })
    .join('\n\n')
}

/** Every goal in a row: what was reached, by whom, and whether that is enough. */
export function formatGoals(judged: readonly Judged[]): string {
  const rows = judged.map(({ goal, best, ours, met }) => [goal, best, ours, met ? 'met' : '**not met**'])
  return formatTable(['Goal', 'Best peer, or base', 'Ours', ''], rows)
}

function title(workload: WorkloadName): string {
  return `${workload}: ${WORKLOADS[workload]}`
}

function formatRow({ tool, wall, cpu, memory, traffic, arrivals, failures, runs }: Summary): string[] {
  return [
    tool,
    wall.toFixed(2),
    cpu.toFixed(2),
    (memory / MIB).toFixed(0),
    traffic ? `${count(traffic.sourceRequests)} + ${count(traffic.targetRequests)}` : '',
    traffic ? megabytes(traffic.readFromSource) : '',
    traffic ? megabytes(traffic.writtenToTarget) : '',
    traffic ? count(traffic.connections) : '',
    traffic ? count(traffic.inFlight) : '',
    failures.length > 0 ? `${failures.length} of ${runs} runs failed` : formatArrivals(arrivals),
  ]
}

function formatArrivals(arrivals: Arrivals | null): string {
  if (arrivals === null) return ''
  if (isComplete(arrivals)) return 'everything'
  const parts = Object.entries(arrivals) as readonly [keyof Arrivals, Share][]
  return parts
    .filter(([, { expected }]) => expected > 0)
    .map(([name, { arrived, expected }]) => `${name} ${count(arrived)} of ${count(expected)}`)
    .join(', ')
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(1)
}
