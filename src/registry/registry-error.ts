import { PromotionError } from '../errors.ts'
import { cutText } from '../oci/cut-text.ts'
import { isJsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import { failureHint } from './failure-hint.ts'
import { oneLine } from './one-line.ts'

/** One failed exchange with a registry, its token service or the storage behind it. */
export interface FailedExchange {
  readonly method: string
  readonly url: URL
  /** Undefined when no answer came. */
  readonly status?: number
  /** What came back instead, in words. */
  readonly problem: string
  readonly codes?: readonly string[]
  readonly cause?: unknown
  readonly hint?: string
  /** Whether asking again may help. */
  readonly transient?: boolean
  /** Others wrote the same tag all the while: it may be tried again later. */
  readonly lostTurn?: boolean
  /** How long the registry asked to wait, in milliseconds. */
  readonly retryAfter?: number
}

const LONGEST_QUOTE = 500

/** A registry that refused, failed or lied: the message holds what was asked and the registry's own words. */
export class RegistryError extends PromotionError {
  readonly status: number | undefined
  /** The registry's own error codes (OCI distribution specification, "Error Codes"). */
  readonly codes: readonly string[]
  readonly transient: boolean
  readonly lostTurn: boolean
  readonly retryAfter: number | undefined
  readonly #exchange: FailedExchange

  constructor(exchange: FailedExchange) {
    const { method, url, status, problem, codes = [] } = exchange
    const asked = `${method} ${withoutSecrets(url)}`
    super('registry', status === undefined ? `${asked} failed: ${problem}` : `${asked} answered ${problem}`, {
      cause: exchange.cause,
      hint: exchange.hint ?? failureHint(exchange),
    })
    this.status = status
    this.codes = codes
    this.transient = exchange.transient ?? false
    this.lostTurn = exchange.lostTurn ?? false
    this.retryAfter = exchange.retryAfter
    this.#exchange = exchange
  }

  /** What came back, without what was asked. */
  get problem(): string {
    return this.#exchange.problem
  }

  /** The same failure with other advice, of somebody who knows what was asked for. */
  withHint(hint: string): RegistryError {
    return new RegistryError({ ...this.#exchange, hint })
  }
}

/**
 * The registry's codes and messages out of an error body, or the beginning of the body where it is something else. Secrets are taken out
 * before anything is cut off: the half of one would not be known any more.
 */
export function quoteErrorBody(
  text: string,
  redact: (text: string) => string = (same) => same,
): { readonly codes: readonly string[]; readonly words: string } {
  const errors = parseErrors(text)
  if (errors.length === 0) return { codes: [], words: printable(redact(text)) }
  const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ')
  return { codes: errors.map(({ code }) => code), words: printable(redact(words)) }
}

/** The URL without user, password and query, any of which may hold a secret. */
export function withoutSecrets(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** Text from elsewhere made fit for one line: control characters become spaces, and it is cut at 500 characters. */
export function printable(text: string): string {
  const line = oneLine(text)
  return cutText(line, LONGEST_QUOTE)
}

function parseErrors(text: string): readonly { code: string; message: string }[] {
  // What is not JSON, as the errors of proxies are, is quoted as it stands.
  const errors = readJson(text)?.errors
  if (!Array.isArray(errors)) return []
  return errors.filter(isJsonObject).map(({ code, message }) => ({
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
  }))
}
