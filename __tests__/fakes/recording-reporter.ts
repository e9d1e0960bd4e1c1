import type { FileLocation } from '../../src/errors.ts'
import type { Reporter } from '../../src/report/reporter.ts'
import type { RunResult } from '../../src/report/run-result.ts'

/** A warning as the user is told it. */
export interface Warned {
  readonly message: string
  readonly location: FileLocation | undefined
}

/** Remembers all that a run tells; a step inside a step, or a second end, is an error. */
export class RecordingReporter implements Reporter {
  readonly steps: string[] = []
  readonly infos: string[] = []
  readonly warnings: Warned[] = []
  readonly progressed: (readonly [sent: number, total: number])[] = []
  /** Called at the beginning of each step. */
  onStep: (name: string) => void = () => {}
  /** Called at the end of each step that succeeds. */
  onStepEnd: (name: string) => void = () => {}
  #open: string | undefined
  #result: RunResult | undefined

  get result(): RunResult {
    if (this.#result === undefined) throw new Error('the run has not ended')
    return this.#result
  }

  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    if (this.#open !== undefined) throw new Error(`the step "${name}" began inside "${this.#open}"`)
    this.#open = name
    this.steps.push(name)
    try {
      this.onStep(name)
      const result = await run()
      this.onStepEnd(name)
      return result
    } finally {
      this.#open = undefined
    }
  }

  info(message: string): void {
    this.infos.push(message)
  }

  warn(message: string, location?: FileLocation): void {
    this.warnings.push({ message, location })
  }

  progress(sent: number, total: number): void {
    this.progressed.push([sent, total])
  }

  async finished(result: RunResult): Promise<void> {
    if (this.#result !== undefined) throw new Error('the run ended twice')
    this.#result = result
  }
}
