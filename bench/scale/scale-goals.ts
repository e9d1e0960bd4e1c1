import type { Judged } from '../goal-kinds.ts'
import type { ScaleRun } from './scale-run.ts'

const MIB = 1024 * 1024
const MEMORY_LIMIT = 300
/** How much longer a request may take among many images than among few, for the time to count as linear. */
const LINEAR = 1.2
const FIRST = 'first'
const PLAIN = 'plain client'

/** Memory at the largest size, and the time a request there and at the size before, for each command that finds nothing to do. */
export function judgeScale(runs: readonly ScaleRun[]): readonly Judged[] {
  const unchanged = runs.filter(({ command }) => !command.startsWith(FIRST) && !command.endsWith(PLAIN))
  const groups = Map.groupBy(unchanged, ({ command, link }) => `${command}, ${link}`)
  return [...groups].flatMap(([name, group]) => {
    const [before, largest] = group.toSorted((one, other) => one.images - other.images).slice(-2)
    if (before === undefined || largest === undefined) return []
    return [judgeMemory(name, largest), judgeTime(name, before, largest)]
  })
}

function judgeMemory(name: string, { images, memory, failure }: ScaleRun): Judged {
  return {
    goal: `${name}, ${images} images: at most ${MEMORY_LIMIT} MiB of memory`,
    best: '',
    ours: `${(memory / MIB).toFixed(0)} MiB`,
    met: failure === null && memory <= MEMORY_LIMIT * MIB,
  }
}

function judgeTime(name: string, before: ScaleRun, largest: ScaleRun): Judged {
  const [short, long] = [before, largest].map(({ wall, requests }) => (wall / requests) * 1000) as [
    number,
    number,
  ]
  return {
    goal: `${name}: time grows no faster than requests`,
    best: `${before.images} images, ${short.toFixed(2)} ms a request`,
    ours: `${largest.images} images, ${long.toFixed(2)} ms a request`,
    met: before.failure === null && largest.failure === null && long <= short * LINEAR,
  }
}
