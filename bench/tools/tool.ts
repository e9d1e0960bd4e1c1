import type { Command } from '../measure.ts'
import type { Place } from '../samples/layout.ts'
import type { SampleImage } from '../samples/sample-image.ts'
import type { WorkloadName } from '../workloads.ts'

/** One run that a tool is asked for. */
export interface Job {
  readonly workload: WorkloadName
  readonly images: readonly SampleImage[]
  /** As the tool is to address it. */
  readonly source: Place
  readonly targets: readonly Place[]
  /** Where the tool runs, with `images.yml` (an ImagesLock), `cosign.key` and `cosign.pub`. */
  readonly folder: string
}

/** A program that is measured, at the concurrency that suits it. */
export interface Tool {
  readonly name: string
  readonly workloads: readonly WorkloadName[]
  /** Slow ones are repeated less often. */
  readonly slow: boolean
  /** Puts all images into one repository, wherever they come from. */
  readonly gathers?: boolean
  command(job: Job): Command
}

/** Runs a program once for each line of arguments, so many at a time. */
export function manyTimes(program: readonly string[], atATime: number, lines: readonly string[][]): Command {
  const [line = []] = lines
  return {
    file: 'xargs',
    args: ['-P', `${atATime}`, '-n', `${line.length}`, ...program],
    input: lines.map((words) => `${words.join(' ')}\n`).join(''),
  }
}
