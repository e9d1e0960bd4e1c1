import type { FileLocation } from '../errors.ts'
import { formatOutputs } from './outputs.ts'
import { placed } from './placed.ts'
import { ProgressSteps } from './progress-steps.ts'
import type { Reporter } from './reporter.ts'
import type { ReportedError, RunResult } from './run-result.ts'
import { logLine } from './safe-text.ts'
import { formatSummary } from './summary.ts'
import { verdictLine } from './verdict-line.ts'
import { withHint } from './with-hint.ts'

/** What is used of the Actions toolkit. */
export interface ActionLog {
  info(message: string): void
  warning(message: string, properties?: AnnotationPlace): void
  error(message: string, properties?: AnnotationPlace): void
  startGroup(name: string): void
  endGroup(): void
  setOutput(name: string, value: string): void
  /** Appends to the job summary. */
  writeSummary(markdown: string): Promise<void>
}

export interface AnnotationPlace {
  readonly title?: string
  readonly file?: string
  readonly startLine?: number
  readonly startColumn?: number
}

/** The runner shows ten annotations of a kind a step; the rest stays in the log and in the summary. */
const MOST_ANNOTATIONS = 10
/** Characters; longer annotations are cut by the runner. */
const LONGEST_ANNOTATION = 4096

/** Reports to a workflow run: groups in the log, annotations on the lines of the lock, the job summary, and outputs. */
export class ActionReporter implements Reporter {
  readonly #log: ActionLog
  // The runner splits lines at carriage returns: no line is written over.
  readonly #steps = new ProgressSteps()

  constructor(log: ActionLog) {
    this.#log = log
  }

  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.#log.startGroup(logLine(name))
    try {
      return await run()
    } finally {
      this.#log.endGroup()
    }
  }

  info(message: string): void {
    this.#log.info(logLine(message))
  }

  warn(message: string, location?: FileLocation): void {
    this.#log.warning(logLine(placed(message, location)), placeOf(location))
  }

  progress(sent: number, total: number): void {
    const line = this.#steps.lineFor(sent, total)
    if (line !== undefined) this.info(line)
  }

  async finished(result: RunResult): Promise<void> {
    for (const [index, error] of result.errors.entries()) this.#showError(error, index)
    for (const [name, value] of Object.entries(formatOutputs(result))) this.#log.setOutput(name, value)
    await this.#writeSummary(result)
    this.info(verdictLine(result))
  }

  /** A summary that cannot be written does not undo what was done. */
  async #writeSummary(result: RunResult): Promise<void> {
    try {
      await this.#log.writeSummary(formatSummary(result))
    } catch (cause) {
      this.warn(
        `The job summary could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      )
    }
  }

  #showError({ message, hint, location }: ReportedError, index: number): void {
    const text = logLine(withHint(placed(message, location), hint))
    if (index < MOST_ANNOTATIONS) this.#log.error(text.slice(0, LONGEST_ANNOTATION), placeOf(location))
    else this.#log.info(text)
  }
}

function placeOf(location: FileLocation | undefined): AnnotationPlace {
  if (location === undefined) return {}
  const { file, line, column } = location
  return {
    file,
    ...(line !== undefined && { startLine: line }),
    ...(column !== undefined && { startColumn: column }),
  }
}
