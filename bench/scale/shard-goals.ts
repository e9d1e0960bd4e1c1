import { REQUEST_LOAD } from '../../src/plan/shard-loads.ts'
import { formatTable } from '../../tools/markdown.ts'
import type { Judged } from '../goal-kinds.ts'
import type { ShardedRun, ShardRun } from './shard-run.ts'

const MIB = 1024 * 1024
const MB = 1_000_000
const MEMORY_LIMIT = 300
/** How far a shard may be from the mean, as a part of that. */
const EVEN = 0.15
/** How many times the least may be read. */
const READ_AGAIN = 1.2

/** Memory of every job; how even the shards were, by what passed the registries; how much was read twice; and when the tags appeared. */
export function judgeShards({
  jobs,
  leastRead,
  tagsBefore,
  tagsAfter,
  images,
}: ShardedRun): readonly Judged[] {
  const shards = jobs.filter(({ job }) => job.includes('/'))
  const loads = shards.map(({ read, written, requests }) => read + written + requests * REQUEST_LOAD)
  const mean = sum(loads) / loads.length
  const off = Math.max(...loads.map((load) => Math.abs(load / mean - 1)))
  const readAgain = sum(shards.map(({ read }) => read)) / leastRead
  const memory = Math.max(...jobs.map((job) => job.memory))
  const ended = jobs.every(({ failure }) => failure === null)
  return [
    {
      goal: `each of ${jobs.length} jobs: at most ${MEMORY_LIMIT} MiB of memory`,
      best: '',
      ours: `${(memory / MIB).toFixed(0)} MiB`,
      met: ended && memory <= MEMORY_LIMIT * MIB,
    },
    {
      goal: `each shard within ${EVEN * 100} % of the mean, by bytes and requests`,
      best: `mean, ${(mean / REQUEST_LOAD).toFixed(0)} requests or as much`,
      ours: `off by ${(off * 100).toFixed(1)} %`,
      met: ended && off <= EVEN,
    },
    {
      goal: `all shards together read at most ${READ_AGAIN}× the content`,
      best: `content, ${(leastRead / MB).toFixed(1)} MB`,
      ours: `${readAgain.toFixed(2)}×`,
      met: ended && readAgain <= READ_AGAIN,
    },
    {
      goal: 'no tag before `finish`, all behind it',
      best: `${images}`,
      ours: `${tagsBefore}, then ${tagsAfter}`,
      met: ended && tagsBefore === 0 && tagsAfter === images,
    },
  ]
}

/** A line for each job. */
export function formatShards(jobs: readonly ShardRun[]): string {
  const rows = jobs.map(({ job, wall, cpu, memory, requests, read, written, failure }) => [
    job,
    failure === null ? wall.toFixed(2) : `failed: ${failure.split('\n')[0]}`,
    cpu.toFixed(2),
    (memory / MIB).toFixed(0),
    requests.toLocaleString('en'),
    (read / MB).toFixed(1),
    (written / MB).toFixed(1),
  ])
  return formatTable(
    ['Job', 'Wall, s', 'CPU, s', 'Memory, MiB', 'Requests', 'Read from source, MB', 'Written to target, MB'],
    rows,
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
