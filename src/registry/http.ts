import { setMaxListeners } from 'node:events'
import { Readable } from 'node:stream'
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici'
import { pause } from '../concurrency.ts'
import { PromotionError } from '../errors.ts'
import { LiveSecrets } from './live-secrets.ts'
import { isLoopbackHost } from './loopback.ts'
import { quoteErrorBody, RegistryError } from './registry-error.ts'
import {
  isTransientStatus,
  parseRetryAfter,
  RETRY_POLICY,
  type RetryPolicy,
  waitBefore,
  withRetries,
} from './retry.ts'
import { mayFollow } from './safe-url.ts'
import { tlsFailure } from './tls-failure.ts'

/** Opens a request's body from its beginning; called once an attempt. */
export type OpenBody = () => AsyncIterable<Uint8Array>

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** The bytes, or how to open them together with their number. */
  readonly body?: Uint8Array | { readonly open: OpenBody; readonly size: number }
  /** Statuses that the caller understands; every other one becomes a RegistryError. */
  readonly expect: readonly number[]
  /** A redirect to another origin is an answer like any other. */
  readonly stayOnOrigin?: boolean
  readonly maxRedirects?: number
  /** The hint of a 401 or 403, unless another origin answered it; undefined where there is nothing better to say than usual. */
  readonly loginHint?: () => Promise<string | undefined>
  /** Sent even when the run was told to stop, but for a moment only: what tidies up after it. */
  readonly outlivesRun?: boolean
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; of a repeated header the first value, or all of them where it is a list. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Where the answer came from, after redirects. */
  readonly url: URL
  readonly body: Dispatcher.ResponseData['body']
}

/** A response whose body was read as a whole. */
export interface HttpContent extends Omit<HttpResponse, 'body'> {
  readonly bytes: Uint8Array
}

export interface HttpOptions {
  readonly retry?: RetryPolicy
  /** Milliseconds without a byte of progress after which a request is given up and tried again. */
  readonly idleTimeout?: number
  readonly signal?: AbortSignal
  /** Hosts, besides loopback, to which plain HTTP may be spoken. */
  readonly insecure?: readonly string[]
  /** What must not come back in an error. */
  readonly secrets?: LiveSecrets
}

const CONNECTIONS_A_HOST = 64
const CONNECT_TIMEOUT = 10_000
const IDLE_TIMEOUT = 30_000
const MAX_HEADER_SIZE = 32_768
const ERROR_BODY_LIMIT = 8 * 1024
const MAX_REDIRECTS = 5
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]
/** Headers that may be repeated, and then are one list (RFC 9110, section 5.3). */
const LISTS: readonly string[] = ['www-authenticate', 'link']
/** Milliseconds for a request that outlives the run. */
const LAST_WORD = 3000

/** The transport under everything that speaks to a registry: time-outs, retries, redirects without credentials, limits. */
export class HttpClient {
  readonly secrets: LiveSecrets
  readonly #retry: RetryPolicy
  readonly #closing = new AbortController()
  /** Ends what is under way: the run was told to stop, or is over. */
  readonly #signal: AbortSignal
  readonly #insecure: readonly string[]
  readonly #direct: Dispatcher
  readonly #viaProxy: Dispatcher

  constructor(options: HttpOptions = {}) {
    const idle = options.idleTimeout ?? IDLE_TIMEOUT
    const agent = {
      connections: CONNECTIONS_A_HOST,
      headersTimeout: idle,
      bodyTimeout: idle,
      maxHeaderSize: MAX_HEADER_SIZE,
      connect: { timeout: CONNECT_TIMEOUT },
    }
    this.secrets = options.secrets ?? new LiveSecrets()
    this.#retry = options.retry ?? RETRY_POLICY
    this.#signal = AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])])
    // Every request under way listens to it; Node warns of more than ten.
    setMaxListeners(0, this.#signal)
    this.#insecure = options.insecure ?? []
    this.#direct = new Agent(agent)
    this.#viaProxy = new EnvHttpProxyAgent(agent)
  }

  /** One attempt, redirects followed; the caller reads or dumps the body. Throws a RegistryError, `transient` when asking again may help. */
  async attempt(asked: HttpRequest): Promise<HttpResponse> {
    let { url, headers = {} } = asked
    for (let redirects = 0; ; redirects++) {
      const response = await this.#exchange(asked, url, headers)
      const next = redirectTarget(asked, response)
      if (next === undefined) {
        if (asked.expect.includes(response.status)) return response
        throw await refusal(asked, response, this.secrets)
      }
      await response.body.dump()
      if (redirects >= (asked.maxRedirects ?? MAX_REDIRECTS)) {
        throw new RegistryError({
          method: asked.method,
          url,
          status: response.status,
          problem: 'one redirect too many',
        })
      }
      this.mayFollow(asked.method, url, next)
      // Credentials belong to the origin they were made for: scheme, host and port.
      if (next.origin !== url.origin) headers = withoutCredentials(headers)
      url = next
    }
  }

  /** Throws a RegistryError when an answer must not send us from one URL to another. */
  mayFollow(method: string, from: URL, to: URL): void {
    mayFollow({ method, from, to, insecure: this.#insecure })
  }

  /** Runs an attempt, or several in a row, again as long as it fails for a passing reason and the policy allows. */
  retry<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries(this.#retry, this.#signal, attempt)
  }

  /** Waits; without a number as long as before the first retry. Throws at once when the run was told to stop, or is over. */
  wait(milliseconds = waitBefore(0, undefined, this.#retry)): Promise<void> {
    return pause(milliseconds, this.#signal)
  }

  /** Closes all connections; what is still under way fails at once and is not tried again. */
  async close(): Promise<void> {
    this.#closing.abort(new PromotionError('interrupted', 'The run is over'))
    await Promise.all([this.#direct.destroy(), this.#viaProxy.destroy()])
  }

  async #exchange(
    asked: HttpRequest,
    url: URL,
    headers: Readonly<Record<string, string>>,
  ): Promise<HttpResponse> {
    const { method, body } = asked
    const signal = asked.outlivesRun ? AbortSignal.timeout(LAST_WORD) : this.#signal
    const size = body === undefined ? undefined : body instanceof Uint8Array ? body.byteLength : body.size
    try {
      const response = await request(url, {
        method,
        headers: { ...headers, ...(size !== undefined && { 'content-length': String(size) }) },
        body: body === undefined || body instanceof Uint8Array ? (body ?? null) : Readable.from(body.open()),
        dispatcher: isLoopbackHost(url.hostname) ? this.#direct : this.#viaProxy,
        // undici closes the connection after every HEAD unless it is told not to.
        reset: false,
        signal,
      })
      return {
        status: response.statusCode,
        headers: singleValues(response.headers),
        url,
        body: response.body,
      }
    } catch (cause) {
      if (signal === this.#signal && signal.aborted) throw signal.reason
      throw connectionFailure(method, url, cause)
    }
  }
}

/** A failure below HTTP as a RegistryError, transient unless TLS is not to be had; an error of our own passes through. */
export function connectionFailure(method: string, url: URL, cause: unknown): Error {
  if (cause instanceof PromotionError) return cause
  const problem = cause instanceof Error ? cause.message || codeOf(cause) : String(cause)
  return new RegistryError({ method, url, problem, cause, transient: tlsFailure(cause) === undefined })
}

/** Several addresses that all refuse the connection give an error without a message. */
function codeOf(cause: Error): string {
  return 'code' in cause ? String(cause.code) : cause.name
}

/** Reads a body of at most `limit` bytes as a whole. Throws a RegistryError, transient when the body broke off. */
export async function readBody(response: HttpResponse, method: string, limit: number): Promise<HttpContent> {
  const { status, headers, url } = response
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body) {
      size += chunk.byteLength
      if (size > limit) {
        const problem = `${status} with more than the ${limit} bytes that are read`
        throw new RegistryError({ method, url, status, problem })
      }
      chunks.push(chunk)
    }
  } catch (cause) {
    throw connectionFailure(method, url, cause)
  }
  return { status, headers, url, bytes: Buffer.concat(chunks) }
}

/** What an unexpected answer becomes: an error that holds the registry's own words. */
async function refusal(
  asked: HttpRequest,
  response: HttpResponse,
  secrets: LiveSecrets,
): Promise<RegistryError> {
  const { status, url, headers } = response
  const { codes, words } = quoteErrorBody(await readBeginning(response), (text) => secrets.redact(text))
  const isLogin = (status === 401 || status === 403) && url.origin === asked.url.origin
  const hint = isLogin ? await asked.loginHint?.() : undefined
  const retryAfter = parseRetryAfter(headers['retry-after'], Date.now())
  return new RegistryError({
    method: asked.method,
    url,
    status,
    problem: words === '' ? String(status) : `${status}: ${words}`,
    codes,
    transient: isTransientStatus(status),
    ...(hint !== undefined && { hint }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}

async function readBeginning(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size >= ERROR_BODY_LIMIT) break
    }
  } catch {
    // The status says what went wrong; an error body that breaks off takes nothing from it.
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, ERROR_BODY_LIMIT))
}

function redirectTarget(asked: HttpRequest, response: HttpResponse): URL | undefined {
  const { location } = response.headers
  const follows = asked.method === 'GET' || asked.method === 'HEAD'
  if (!follows || !REDIRECTS.includes(response.status) || location === undefined) return undefined
  const next = URL.parse(location, response.url.href) ?? undefined
  return asked.stayOnOrigin && next?.origin !== response.url.origin ? undefined : next
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)),
  )
}

function singleValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (!Array.isArray(value)) return [name, value]
      return [name, LISTS.includes(name) ? value.join(', ') : value[0]]
    }),
  )
}
