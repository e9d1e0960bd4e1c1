import type { FileLocation } from '../errors.ts'
import type { RunResult } from './run-result.ts'

/** What a run tells its user while it works and when it ends: the runner's log, or a terminal. */
export interface Reporter {
  /** Runs one step under its name. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>
  /** Something that happened inside a step, in one line. */
  info(message: string): void
  /** Something the user should know that does not fail the run. */
  warn(message: string, location?: FileLocation): void
  /** How far the copy is, in bytes that targets have taken. */
  progress(sent: number, total: number): void
  /** The end of a run, be it a success or not: the result holds the errors. */
  finished(result: RunResult): Promise<void>
}
