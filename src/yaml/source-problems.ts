import { type FileLocation, PromotionError, SeveralErrors, throwAll } from '../errors.ts'

const MOST_REPORTED = 100

/** The problems found in what a source lists, gathered so that the user sees them all at once. */
export class SourceProblems {
  readonly #errors: PromotionError[] = []
  #unreported = 0

  /** Notes a problem of kind `input`; `hint` is one sentence on what to do. */
  add(location: FileLocation | undefined, message: string, hint: string, cause?: unknown): void {
    if (this.#isFull()) return
    this.#errors.push(
      new PromotionError('input', message, { hint, cause, ...(location !== undefined && { location }) }),
    )
  }

  /** Notes a PromotionError that was caught, or each of several; throws anything else on. */
  note(thrown: unknown): void {
    if (!(thrown instanceof PromotionError)) throw thrown
    for (const error of thrown instanceof SeveralErrors ? thrown.errors : [thrown]) {
      if (!this.#isFull()) this.#errors.push(error)
    }
  }

  /** What `read` gives; undefined after noting the PromotionErrors that it threw, which get this place unless they have one. */
  attempt<T>(location: FileLocation | undefined, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      this.note(error instanceof PromotionError ? error.locatedAt(location) : error)
      return undefined
    }
  }

  /** Throws all that was noted: nothing, the one error, or SeveralErrors; beyond 100 they are only counted. */
  throwIfAny(): void {
    const rest = new PromotionError('input', `There are ${this.#unreported} more problems`, {
      hint: 'Correct the problems above and run again to see the rest.',
    })
    throwAll(this.#unreported === 0 ? this.#errors : [...this.#errors, rest])
  }

  // A hostile file can hold hundreds of thousands of problems, and nobody reads beyond the first screens.
  #isFull(): boolean {
    const full = this.#errors.length >= MOST_REPORTED
    if (full) this.#unreported += 1
    return full
  }
}
