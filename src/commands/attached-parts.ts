import { PromotionError } from '../errors.ts'
import type { AttachedReport } from '../handover/handover.ts'
import { quoteValue } from '../oci/quote-value.ts'
import { partApplied, partsOfPlan } from '../report/parts-of-plan.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import type { NamedReport } from '../report/require-parts.ts'
import type { SavedPlanNote } from '../report/run-result.ts'

/** Bytes of all reports on a plan that are read; those of 10,000 images at three targets have half of it. */
const MOST_BYTES = 256 * 1024 * 1024

/** How reports are read, and who is told of what is none. */
interface Reading {
  readonly parse: (text: string, name: string) => ReportedRun
  readonly warn: (message: string) => void
}

/**
 * Chooses among the reports that hang on a plan, which whoever may push there can have written. What they say of themselves decides only in which
 * order they are read, one after the other; what is none of the part that it says is left out, with a warning.
 */
export class AttachedParts {
  readonly #attached: readonly AttachedReport[]
  readonly #saved: SavedPlanNote
  readonly #reading: Reading
  #room = MOST_BYTES

  constructor(attached: readonly AttachedReport[], saved: SavedPlanNote, reading: Reading) {
    this.#attached = attached
    this.#saved = saved
    this.#reading = reading
  }

  /**
   * One report of each of these parts, if it has one at all: the last that succeeded, or else the last. Throws a PromotionError of kind `input` where
   * more would have to be read than is.
   */
  async of(parts: readonly string[]): Promise<readonly NamedReport[]> {
    const known = new Set(partsOfPlan(this.#saved.shards))
    for (const { name, part } of this.#attached) {
      if (!known.has(part)) this.#leaveOut(name, `it says that it is of part ${quoteValue(part)}`)
    }
    const chosen: NamedReport[] = []
    for (const part of parts) {
      const report = await this.#lastOf(part)
      if (report !== undefined) chosen.push(report)
    }
    return chosen
  }

  async #lastOf(part: string): Promise<NamedReport | undefined> {
    const reports = this.#attached.filter((report) => report.part === part)
    let failed: NamedReport | undefined
    for (const report of reports.toSorted((one, other) => other.savedAt - one.savedAt)) {
      const read = await this.#read(report)
      if (read?.run.succeeded) return read
      failed ??= read
    }
    return failed
  }

  async #read({ name, part, size, read }: AttachedReport): Promise<NamedReport | undefined> {
    this.#room -= size
    if (this.#room < 0) throw tooMuch(this.#saved.place, part)
    const text = await read()
    if (text === undefined) return undefined
    const run = this.#parse(text, name)
    if (run === undefined) return undefined
    if (partApplied(run, this.#saved.digest) === part) return { name, run }
    return this.#leaveOut(name, `it is no report of part ${part} of this plan`)
  }

  #parse(text: string, name: string): ReportedRun | undefined {
    try {
      return this.#reading.parse(text, name)
    } catch (error) {
      if (error instanceof PromotionError && error.kind === 'input')
        return this.#leaveOut(name, error.message)
      throw error
    }
  }

  #leaveOut(name: string, why: string): undefined {
    this.#reading.warn(`${name} hangs on the plan, and is left out: ${why}`)
  }
}

function tooMuch(place: string, part: string): PromotionError {
  return new PromotionError(
    'input',
    `Up to those of part ${part}, the reports that hang on ${place} have more than the ${MOST_BYTES} bytes that are read`,
    {
      hint: 'No tag was moved. Give the reports as files, with `reports`, which come before those on the plan; or delete what does not belong there.',
    },
  )
}
