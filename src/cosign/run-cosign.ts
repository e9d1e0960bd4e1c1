import { PromotionError } from '../errors.ts'
import { cutText } from '../oci/cut-text.ts'
import { keyEnvironment, secretsIn } from './key-environment.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a run of cosign may know. */
export interface CosignRun {
  /** The surroundings of this program; only what is listed here is passed on. */
  readonly environment: Environment
  /** Variables for this child alone, secrets among them. */
  readonly own?: Readonly<Record<string, string>>
  /** Texts besides the values of `own` that must not come back in cosign's words. */
  readonly secrets?: readonly string[]
  /** The URI of the key in use, if it has one: what its keeper reads of the environment is passed on too. */
  readonly keyUri?: string
}

/** How a run of cosign ended. */
export interface CosignOutcome {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined
  readonly stdout: string
  /** Its last lines, without secrets. */
  readonly words: string
}

/** A job's COSIGN_* variables stay behind: COSIGN_REPOSITORY, for one, would send the signatures elsewhere. */
const PASSED_ON: readonly string[] = [
  'PATH',
  'HOME',
  'DOCKER_CONFIG',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  // Windows finds neither its own libraries nor a home without these.
  ...['SystemRoot', 'USERPROFILE', 'LOCALAPPDATA', 'APPDATA', 'TEMP', 'PATHEXT'],
]
const LAST_LINES = 5
/** Characters of cosign's that are quoted. */
const LONGEST_WORDS = 1000

/**
 * Runs cosign and returns what it printed to its standard output. Nothing of it reaches the log. Throws a PromotionError of kind
 * `signing` with cosign's last lines when it fails; secrets are not in them.
 */
export async function runCosign(path: string, args: readonly string[], run: CosignRun): Promise<string> {
  const outcome = await callCosign(path, args, run)
  if (outcome.exitCode === 0) return outcome.stdout
  throw new PromotionError('signing', describeFailure(args[0] ?? '', outcome), {
    hint: 'These are its own words; signer: native needs no cosign.',
  })
}

/** Runs cosign, however it ends. Throws a PromotionError of kind `signing` only when it cannot be started. */
export async function callCosign(
  path: string,
  args: readonly string[],
  run: CosignRun,
): Promise<CosignOutcome> {
  const ofKey = keyEnvironment(run.keyUri, run.environment)
  const env = { ...passedOn(run.environment), ...ofKey, ...run.own }
  const { exitCode, stdout, stderr } = await execute(path, args, env)
  const secrets = [...Object.values(run.own ?? {}), ...(run.secrets ?? []), ...secretsIn(ofKey)]
  return { exitCode, stdout, words: lastLines(withoutSecrets(stderr, secrets)) }
}

/** One sentence about a run that did not succeed. */
export function describeFailure(command: string, { exitCode, words }: CosignOutcome): string {
  const end =
    exitCode === undefined ? 'was ended by a signal, or crashed' : `ended with exit code ${exitCode}`
  return `cosign ${command} ${end}: ${words || 'it said nothing'}`
}

async function execute(path: string, args: readonly string[], env: Record<string, string>) {
  const { getExecOutput } = await import('@actions/exec')
  try {
    // No `input`: to a program that has ended already, writing even nothing crashes this one (EPIPE). Whoever calls sees to it that
    // cosign asks nothing: the password is always set, and so is --yes.
    const options = { env, silent: true, ignoreReturnCode: true }
    // The first argument is split like a command line: a path with spaces has to be quoted.
    const { exitCode, stdout, stderr } = await getExecOutput(`"${path}"`, [...args], options)
    // The types do not say so: it is null for a child that a signal has ended.
    return { exitCode: Number.isInteger(exitCode) ? exitCode : undefined, stdout, stderr }
  } catch (cause) {
    throw new PromotionError('signing', `${path} could not be run`, {
      cause,
      hint: 'Check that it is a program for this machine; signer: native needs no cosign.',
    })
  }
}

function passedOn(environment: Environment): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(passed)
}

/** cosign says its error twice, and before it explains itself: the error is told once and by itself, where there is one. */
function lastLines(text: string): string {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('Flag --') && !/error during command/.test(line))
  const error = lines.findLastIndex((line) => line.startsWith('Error: '))
  const words = lines.slice(error < 0 ? -LAST_LINES : error).join('; ')
  return cutText(words, LONGEST_WORDS)
}

/** Before a line is left out: a key has many of them. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), ...linesOfKey(secret)])
    .filter((secret) => secret !== '')
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

function linesOfKey(text: string): readonly string[] {
  return text.includes('-----BEGIN') ? text.split(/\r?\n/).map((line) => line.trim()) : []
}
