import type * as Core from '@actions/core'
import { RunEnded, throwAll } from './errors.ts'
import { fromAction } from './inputs/from-action.ts'
import { fromArguments } from './inputs/from-arguments.ts'
import { helpText } from './inputs/help-text.ts'
import { secretsOf } from './inputs/secrets-of.ts'
import { main } from './main.ts'
import { type ActionLog, ActionReporter } from './report/action-reporter.ts'
import { CHANGES_EXIT_CODE } from './report/make-result.ts'
import { TerminalReporter } from './report/terminal-reporter.ts'
import type { Surroundings } from './services/surroundings.ts'
import { VERSION } from './version.ts'

/** The action: inputs from the runner, results to it. Sets the process's exit code. */
export async function runAction(): Promise<void> {
  const core = await import('@actions/core')
  const { problems, raw } = fromAction(process.env)
  for (const secret of secretsOf(raw)) core.setSecret(secret)
  const readInputs = () => {
    throwAll(problems)
    return raw
  }
  const exitCode = await main(readInputs, new ActionReporter(actionLog(core)), {
    ...surroundings(),
    getIdentityToken: () => core.getIDToken('sigstore'),
    hide: core.setSecret,
  })
  // That there is something to do fails no step: the output `changes` says it.
  process.exitCode = exitCode === CHANGES_EXIT_CODE ? 0 : exitCode
}

/** The terminal command: inputs from its arguments, results to stdout, everything else to stderr. Sets the process's exit code. */
export async function runCli(): Promise<void> {
  const { problems, raw, json, help, version } = fromArguments(process.argv.slice(2), process.env)
  const out = (text: string) => process.stdout.write(text)
  const err = (text: string) => process.stderr.write(text)
  if (help) out(helpText())
  else if (version) out(`${VERSION}\n`)
  else {
    const redraws = process.stderr.isTTY === true && !process.env.CI && !process.env.NO_COLOR
    const table = process.stdout.isTTY === true
    const readInputs = () => {
      throwAll(problems)
      return raw
    }
    process.exitCode = await main(readInputs, new TerminalReporter({ out, err, redraws, table, json }), {
      ...surroundings(),
      hide: (secret) => hideFromRunner(secret, err),
    })
  }
}

function actionLog(core: typeof Core): ActionLog {
  return {
    info: core.info,
    warning: core.warning,
    error: core.error,
    startGroup: core.startGroup,
    endGroup: core.endGroup,
    setOutput: core.setOutput,
    writeSummary: async (markdown) => {
      // A runner without summaries (older servers) has no file for it.
      if (process.env.GITHUB_STEP_SUMMARY) await core.summary.addRaw(markdown).write()
    },
  }
}

/** A step of a job that runs this as a program has a log as well; its standard output may be somebody's data. */
function hideFromRunner(secret: string, err: (text: string) => void): void {
  if (process.env.GITHUB_ACTIONS === 'true') err(`::add-mask::${secret}\n`)
}

function surroundings(): Surroundings {
  return { environment: process.env, workingDirectory: process.cwd(), signal: interruptions() }
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process as it would have without us. */
function interruptions(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const hint = 'Run again: what arrived is not sent twice.'
      controller.abort(new RunEnded('interrupted', `The run was ended by ${signal}`, { hint }))
    })
  }
  return controller.signal
}
