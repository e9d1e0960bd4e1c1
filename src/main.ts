import { check } from './commands/check.ts'
import { finish } from './commands/finish.ts'
import { plan } from './commands/plan.ts'
import { promote } from './commands/promote.ts'
import { repair } from './commands/repair.ts'
import { rollback } from './commands/rollback.ts'
import type { Run, RunCommand } from './commands/run.ts'
import { sign } from './commands/sign.ts'
import { verify } from './commands/verify.ts'
import { asPromotionError, type PromotionError, RunEnded, throwAll } from './errors.ts'
import { requireWritable, writeWhole } from './files/write-whole.ts'
import { inputsToApply } from './inputs/inputs-to-apply.ts'
import { parseSettings } from './inputs/parse-settings.ts'
import { policyInWords } from './inputs/policy-in-words.ts'
import type { Command, Deadline, Settings } from './inputs/settings.ts'
import { makeResult } from './report/make-result.ts'
import type { Reporter } from './report/reporter.ts'
import { type RunRecord, startRecord } from './report/run-record.ts'
import type { RunResult } from './report/run-result.ts'
import { makeServices } from './services/services.ts'
import type { Surroundings } from './services/surroundings.ts'

const COMMANDS: Readonly<Record<Command, RunCommand>> = {
  promote,
  plan,
  finish,
  sign,
  verify,
  check,
  repair,
  rollback,
}

/** Images up to which a report is set out on lines of its own; of more it would be tens of megabytes of blanks. */
const MOST_READ_BY_PEOPLE = 1000

/**
 * One run: raw inputs in, exit code out, whoever called. The only outermost catch: whatever goes wrong ends as a report, a summary
 * and an exit code of the table in errors.ts.
 */
export async function main(
  readInputs: () => ReadonlyMap<string, string>,
  reporter: Reporter,
  around: Surroundings,
): Promise<number> {
  const record = startRecord()
  const remembering = rememberWarnings(reporter, record)
  let error = await attempt(async () => {
    const raw = readInputs()
    record.command = commandIn(raw) ?? record.command
    const settings = parseSettings(raw, around.environment)
    record.policy = policyInWords(settings)
    await requireWritable(settings.report === undefined ? [] : [settings.report])
    record.report = settings.report
    await requireWritable(settings.saving.comment === undefined ? [] : [settings.saving.comment])
    record.comment = settings.saving.comment
    record.given = inputsToApply(raw)
    await beforeDeadline(settings.deadline, around.signal, (signal) =>
      runCommand(settings, remembering, { ...around, signal }, record),
    )
  })
  const finishedAt = new Date()
  for (const write of [writeComment, writeReport]) {
    const before = error
    const unwritten = await attempt(() => write(record, () => makeResult(record, before, finishedAt)))
    if (before !== undefined && unwritten !== undefined) remembering.warn(unwritten.message)
    error = before ?? unwritten
  }
  const result = makeResult(record, error, finishedAt)
  await reporter.finished(result)
  return result.exitCode
}

/** The command, as soon as it can be told: what is wrong with the other inputs is said in its name. */
function commandIn(raw: ReadonlyMap<string, string>): Command | undefined {
  const wanted = raw.get('command')
  return Object.keys(COMMANDS).find((command): command is Command => command === wanted)
}

async function runCommand(
  settings: Settings,
  reporter: Reporter,
  around: Surroundings,
  record: RunRecord,
): Promise<void> {
  const services = await makeServices(settings, reporter, around)
  record.redact = (text) => services.redact(text)
  const run = { settings, services, record }
  const error = await attempt(() => COMMANDS[settings.command](run))
  const unsaved = await attempt(() => handOn(run, error))
  await services.close()
  throwAll([error, unsaved].filter((one) => one !== undefined))
}

/** Whoever finishes a plan in a registry looks there for the reports of its parts, also for those that failed. */
async function handOn({ settings, services, record }: Run, error: PromotionError | undefined): Promise<void> {
  const { applying } = settings
  const part = record.saved?.shard
  if (applying === undefined || part === undefined) return
  const text = formatReport(makeResult(record, error, new Date()))
  await services.handover.saveReport(applying.place, part, text)
}

/** Runs with a signal that aborts at the deadline as well. */
async function beforeDeadline(
  deadline: Deadline | undefined,
  stop: AbortSignal,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (deadline === undefined) return run(stop)
  const controller = new AbortController()
  const hint = 'Run again, with a longer `deadline`: what has arrived by then is not sent twice.'
  const reason = new RunEnded('incomplete', `The deadline of ${deadline.text} has passed`, { hint })
  const timer = setTimeout(() => controller.abort(reason), deadline.milliseconds).unref()
  try {
    await run(AbortSignal.any([stop, controller.signal]))
  } finally {
    clearTimeout(timer)
  }
}

async function writeComment({ comment }: RunRecord, result: () => RunResult): Promise<void> {
  if (comment === undefined) return
  const { formatComment } = await import('./report/plan-comment.ts')
  await writeWhole(comment, formatComment(result()))
}

async function writeReport({ report }: RunRecord, result: () => RunResult): Promise<void> {
  if (report === undefined) return
  await writeWhole(report, formatReport(result()))
}

function formatReport(result: RunResult): string {
  const isLong = result.images.length > MOST_READ_BY_PEOPLE
  return `${JSON.stringify(result, undefined, isLong ? undefined : 2)}\n`
}

async function attempt(run: () => Promise<void>): Promise<PromotionError | undefined> {
  try {
    await run()
    return undefined
  } catch (thrown) {
    return asPromotionError(thrown)
  }
}

/** The same reporter, whose warnings are in the report as well; each is told once, however often an image is looked at. */
function rememberWarnings(reporter: Reporter, record: RunRecord): Reporter {
  return {
    step: (name, run) => reporter.step(name, run),
    info: (message) => reporter.info(message),
    warn: (text, location) => {
      const message = record.redact(text)
      if (record.warnings.includes(message)) return
      record.warnings.push(message)
      reporter.warn(message, location)
    },
    progress: (sent, total) => reporter.progress(sent, total),
    finished: (result) => reporter.finished(result),
  }
}
