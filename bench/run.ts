import type { Arrivals } from './arrivals.ts'
import type { Cost } from './measure.ts'
import type { Traffic } from './relay/traffic.ts'
import type { WorkloadName } from './workloads.ts'

/** One measured run of one tool, as it stands in the JSON. Seconds, bytes, counts. */
export interface Run {
  readonly workload: WorkloadName
  readonly link: string
  readonly tool: string
  readonly repetition: number
  readonly wall: number
  readonly cpu: number
  readonly memory: number
  /** `null` where nothing stood between the tool and the registries. */
  readonly source: Traffic | null
  readonly target: Traffic | null
  /** `null` where nothing was copied. */
  readonly arrivals: Arrivals | null
  /** The end of what a run that failed said; `null` after success. */
  readonly failure: string | null
}

/** The failure of a run, from its cost. */
export function failureOf({ exitCode, output }: Cost): string | null {
  return exitCode === 0 ? null : `exit code ${exitCode}: ${output.trim().slice(-600)}`
}
