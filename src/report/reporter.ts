import type { FileLocation, PromotionError } from '../errors.ts'
import type { RunResult } from './run-result.ts'

/** What a run tells its user while it works and when it ends: the runner's log, or a terminal. */
export interface Reporter {
  /** Runs one step under its name. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>
  /** Something that happened inside a step, in one line. */
  info(message: string): void
  /** Something the user should know that does not fail the run. */
  warn(message: string, location?: FileLocation): void
  /** How far a step is, in pieces of its own size (images, bytes). */
  progress(done: number, total: number, unit: ProgressUnit): void
  /** The end of a run whose result is complete, be it a success or not. */
  finished(result: RunResult): Promise<void>
  /** The end of a run by an error; `result` is what was known by then. */
  failed(error: PromotionError, result: RunResult): Promise<void>
}

export type ProgressUnit = 'images' | 'bytes'
