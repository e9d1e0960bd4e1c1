import { PromotionError } from '../errors.ts'
import type { Environment } from './run-cosign.ts'

/**
 * Downloads a file, with several attempts and through the proxies of the environment. Throws a PromotionError of kind `input`; then there is no
 * file.
 */
export async function download(url: string, file: string, environment: Environment): Promise<void> {
  const { downloadTool } = await import('@actions/tool-cache')
  try {
    await aside(environment, () => downloadTool(url, file))
  } catch (cause) {
    const status =
      cause instanceof Error && 'httpStatusCode' in cause ? `answered ${cause.httpStatusCode}` : undefined
    throw new PromotionError('input', `cosign cannot be downloaded: ${url} ${status ?? wordsOf(cause)}`, {
      cause,
      hint: 'Name a server that has it with `cosign-mirror`, or a cosign that is here already with `cosign-path`.',
    })
  }
}

function wordsOf(cause: unknown): string {
  return `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`
}

/**
 * Lets `use` write to standard error what it wants to write to standard output. The library speaks the runner's language there, which in a
 * terminal is noise in the midst of the results.
 */
async function aside<T>({ RUNNER_TEMP }: Environment, use: () => Promise<T>): Promise<T> {
  if (RUNNER_TEMP) return use()
  const { write } = process.stdout
  process.stdout.write = process.stderr.write.bind(process.stderr)
  try {
    return await use()
  } finally {
    process.stdout.write = write
  }
}
