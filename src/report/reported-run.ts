import type { Digest } from '../oci/digest.ts'
import type { ImageResult, RunResult, TargetResult } from './run-result.ts'

/** What a report says that goes into another one, or is needed to undo what was done; the rest is looked at anew, or too much to keep. */
export interface ReportedRun
  extends Pick<
    RunResult,
    | 'schema'
    | 'command'
    | 'succeeded'
    | 'startedAt'
    | 'finishedAt'
    | 'plan'
    | 'totals'
    | 'warnings'
    | 'errors'
  > {
  readonly images: readonly ReportedImage[]
}

/** One image of it. */
export interface ReportedImage extends Pick<ImageResult, 'source' | 'signed'> {
  readonly digest: Digest
  readonly targets: readonly ReportedTarget[]
}

/** What it did at one target. */
export type ReportedTarget = Pick<
  TargetResult,
  | 'target'
  | 'repository'
  | 'outcome'
  | 'present'
  | 'missing'
  | 'sent'
  | 'mounted'
  | 'merged'
  | 'tags'
  | 'attested'
>
