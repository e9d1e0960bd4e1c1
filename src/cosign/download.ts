import { PromotionError } from '../errors.ts'
import type { Environment } from './run-cosign.ts'

/** HTTP statuses below 500 that pass by themselves (RFC 9110, section 15.5.9; RFC 6585, section 4); the library tries again after them. */
const PASSING = [408, 429]
const LOWEST_SERVER_ERROR = 500
/** How the runner's language for its log begins what only a person who debugs the runner wants to see. */
const DEBUG = '::debug::'

/**
 * Downloads a file, with several attempts and through the proxies of the environment. Throws a PromotionError, and then there is no file: of
 * kind `registry` when the network or the server failed, of kind `input` when the server does not have the file or does not give it.
 */
export async function download(url: string, file: string, environment: Environment): Promise<void> {
  const { downloadTool } = await import('@actions/tool-cache')
  try {
    await aside(environment, () => downloadTool(url, file))
  } catch (cause) {
    throw notDownloaded(url, cause)
  }
}

function notDownloaded(url: string, cause: unknown): PromotionError {
  const status = statusOf(cause)
  const what = status === undefined ? `cannot be read (${wordsOf(cause)})` : `answered ${status}`
  const passes = status === undefined || status >= LOWEST_SERVER_ERROR || PASSING.includes(status)
  return new PromotionError(passes ? 'registry' : 'input', `cosign cannot be downloaded: ${url} ${what}`, {
    cause,
    hint: `${passes ? 'Run again, or name' : 'Name'} a server that has it with \`cosign-mirror\`, or a cosign that is here already with \`cosign-path\`.`,
  })
}

/** The status of an answer other than 200; undefined when there was no whole answer. */
function statusOf(cause: unknown): number | undefined {
  const status = cause instanceof Error && 'httpStatusCode' in cause ? cause.httpStatusCode : undefined
  return typeof status === 'number' ? status : undefined
}

/** What several addresses answered to one attempt has no message of its own. */
function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

/**
 * Lets `use` write to standard error what it wants to write to standard output, without what it says in the runner's language: outside a
 * runner the one is noise in the midst of the results, and the other noise anywhere.
 */
async function aside<T>({ GITHUB_ACTIONS }: Environment, use: () => Promise<T>): Promise<T> {
  if (GITHUB_ACTIONS === 'true') return use()
  const { write } = process.stdout
  process.stdout.write = (text) => String(text).startsWith(DEBUG) || process.stderr.write(text)
  try {
    return await use()
  } finally {
    process.stdout.write = write
  }
}
