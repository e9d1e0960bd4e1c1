import { formatBytes } from './safe-text.ts'

/** Percent between two lines of progress where a line cannot be written over. */
const STEP = 10
/** Milliseconds between two lines; what is over sooner needs none. */
const PAUSE = 2000

/** `1.2 MB of 3.4 MB (35 %)`. */
export function formatProgress(sent: number, total: number): string {
  return `${formatBytes(sent)} of ${formatBytes(total)} (${percentOf(sent, total)} %)`
}

/** Progress for a log that only grows: a line each so many percent, and not too often. */
export class ProgressSteps {
  #shown = 0
  #shownAt: number | undefined

  /** The line to write now, if one is due. */
  lineFor(sent: number, total: number): string | undefined {
    const now = Date.now()
    this.#shownAt ??= now
    const percent = percentOf(sent, total)
    if (percent < this.#shown + STEP || now < this.#shownAt + PAUSE) return undefined
    this.#shown = percent
    this.#shownAt = now
    return formatProgress(sent, total)
  }
}

function percentOf(sent: number, total: number): number {
  return total === 0 ? 100 : Math.floor((sent / total) * 100)
}
