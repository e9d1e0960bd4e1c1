import { PromotionError } from '../errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a run of cosign may know. */
export interface CosignRun {
  /** The surroundings of this program; only what is listed here is passed on. */
  readonly environment: Environment
  /** Variables for this child alone, secrets among them. */
  readonly own?: Readonly<Record<string, string>>
}

/** A job's COSIGN_* variables stay behind: COSIGN_REPOSITORY, for one, would send the signatures elsewhere. */
const PASSED_ON: readonly string[] = [
  'PATH',
  'HOME',
  'DOCKER_CONFIG',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
]
const LAST_LINES = 5

/**
 * Runs cosign and returns what it printed to its standard output. Nothing of it reaches the log. Throws a PromotionError of kind
 * `signing` with cosign's last lines when it fails; secrets of `own` are not in them.
 */
export async function runCosign(path: string, args: readonly string[], run: CosignRun): Promise<string> {
  const { exitCode, stdout, stderr } = await execute(path, args, childEnvironment(run))
  if (exitCode === 0) return stdout
  const words = lastLines(withoutSecrets(stderr, Object.values(run.own ?? {})))
  throw new PromotionError('signing', `cosign ${args[0]} ended with exit code ${exitCode}: ${words}`, {
    hint: 'These are its own words; signer: native needs no cosign.',
  })
}

async function execute(path: string, args: readonly string[], env: Record<string, string>) {
  const { getExecOutput } = await import('@actions/exec')
  try {
    // No `input`: to a program that has ended already, writing even nothing crashes this one (EPIPE). Whoever calls sees to it that
    // cosign asks nothing: the password is always set, and so is --yes.
    const options = { env, silent: true, ignoreReturnCode: true }
    // The first argument is split like a command line: a path with spaces has to be quoted.
    return await getExecOutput(`"${path}"`, [...args], options)
  } catch (cause) {
    throw new PromotionError('signing', `${path} could not be run`, {
      cause,
      hint: 'Check that it is a program for this machine; signer: native needs no cosign.',
    })
  }
}

function childEnvironment({ environment, own }: CosignRun): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(passed), ...own }
}

/** cosign says its error twice and warns about its own flags: those lines are left out. */
function lastLines(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && !line.startsWith('Flag --') && !line.startsWith('error during command'))
    .slice(-LAST_LINES)
    .join('; ')
}

/** Before a line is left out: a key has many of them. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), ...linesOfKey(secret)])
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

function linesOfKey(text: string): readonly string[] {
  return text.includes('-----BEGIN') ? text.split(/\r?\n/).map((line) => line.trim()) : []
}
