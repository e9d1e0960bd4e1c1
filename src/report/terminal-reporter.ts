import { styleText } from 'node:util'
import type { FileLocation } from '../errors.ts'
import { placed } from './placed.ts'
import { planLines } from './plan-lines.ts'
import { type PreflightGroup, preflightGroups } from './preflight-groups.ts'
import { formatProgress, ProgressSteps } from './progress-steps.ts'
import type { Reporter } from './reporter.ts'
import type { ImageResult, ReportedError, RunResult } from './run-result.ts'
import { count, logLine, printableJson } from './safe-text.ts'
import { targetFacts } from './target-facts.ts'
import { UNDONE_FACTS, type UndoneTag } from './undone-tag.ts'
import { verdictLine } from './verdict-line.ts'

/** Where a terminal's text goes; `redraws`: a line can be written over, as on a terminal that a person looks at. */
export interface TerminalOutput {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly redraws: boolean
  /** Align what is printed on `out` in columns. */
  readonly table: boolean
  /** Print the whole report as JSON on `out`, and nothing else there. */
  readonly json: boolean
}

const CLEAR_LINE = '\r\u001b[2K'
/** Milliseconds between two drawings of the progress line. */
const REDRAW_PAUSE = 100

/** Reports to a person at a terminal, or to the log of another CI: steps and problems on stderr, the result on stdout. */
export class TerminalReporter implements Reporter {
  readonly #output: TerminalOutput
  readonly #steps = new ProgressSteps()
  #drawnAt = 0
  #drawn = false

  constructor(output: TerminalOutput) {
    this.#output = output
  }

  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.#line(`${this.#style('cyan', '→')} ${logLine(name)}`)
    try {
      return await run()
    } finally {
      this.#clear()
    }
  }

  info(message: string): void {
    this.#line(`  ${logLine(message)}`)
  }

  warn(message: string, location?: FileLocation): void {
    this.#line(`${this.#style('yellow', '!')} ${logLine(placed(message, location))}`)
  }

  progress(sent: number, total: number): void {
    if (!this.#output.redraws) {
      const line = this.#steps.lineFor(sent, total)
      if (line !== undefined) this.info(line)
      return
    }
    const now = Date.now()
    if (now - this.#drawnAt < REDRAW_PAUSE) return
    this.#drawnAt = now
    this.#drawn = true
    this.#output.err(`${CLEAR_LINE}  ${formatProgress(sent, total)}`)
  }

  async finished(result: RunResult): Promise<void> {
    for (const error of result.errors) this.#showError(error)
    if (this.#output.json) {
      this.#output.out(`${printableJson(result)}\n`)
      return
    }
    for (const line of preflightGroups(result, (name) => name).map(preflightLine))
      this.#output.out(`${line}\n`)
    for (const line of this.#linesOf(result)) this.#output.out(`${line}\n`)
    for (const line of (result.undone ?? []).map(undoneLine)) this.#output.out(`${line}\n`)
    const mark = result.succeeded ? this.#style('green', '✓') : this.#style('red', '✗')
    this.#output.out(`${mark} ${logLine(verdictLine(result))}\n`)
  }

  /** What a failed run would have done is no news, but of a plan; what it did is in the verdict and the report, and what was mended stays so. */
  #linesOf(result: RunResult): readonly string[] {
    if (result.command === 'plan') return planLines(result, this.#output.table)
    const isMended = ({ targets }: ImageResult) => targets.some(({ mended }) => mended !== undefined)
    return (result.succeeded ? result.images : result.images.filter(isMended)).flatMap((image) =>
      imageLines(image, result.plan),
    )
  }

  #showError({ message, hint, location }: ReportedError): void {
    this.#line(`${this.#style('red', '✗')} ${logLine(placed(message, location))}`)
    if (hint !== undefined) this.#line(`  ${logLine(hint)}`)
  }

  #line(text: string): void {
    this.#clear()
    this.#output.err(`${text}\n`)
  }

  #clear(): void {
    if (this.#drawn) this.#output.err(CLEAR_LINE)
    this.#drawn = false
  }

  #style(color: 'cyan' | 'green' | 'red' | 'yellow', text: string): string {
    return this.#output.redraws ? styleText(color, text, { validateStream: false }) : text
  }
}

function undoneLine({ tag, from, to, outcome }: UndoneTag): string {
  const way = from === to ? [from] : [from, to]
  return logLine(`${tag}: ${way.map((end) => end ?? 'nothing').join(' → ')} (${UNDONE_FACTS[outcome]})`)
}

function preflightLine({ place, facts }: PreflightGroup): string {
  return logLine(`Preflight of ${place}: ${facts.join('; ')}`)
}

function imageLines(
  { source, signed, signatures, inventory, targets }: ImageResult,
  plan: RunResult['plan'],
): readonly string[] {
  const counting = signatures.filter(({ counts }) => counts).length
  const facts = [
    count(inventory.length, 'manifest'),
    ...(signatures.length > 0 ? [`${counting} of ${count(signatures.length, 'signature')} count`] : []),
    ...(signed.length > 0 ? [`signed now: ${signed.join(', ')}`] : []),
  ]
  return [
    logLine(source),
    `  ${facts.join('; ')}`,
    ...targets.map((target) => logLine(`  → ${target.repository}: ${targetFacts(target, plan).join(', ')}`)),
  ]
}
