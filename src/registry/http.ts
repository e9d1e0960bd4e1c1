import { pause } from '../concurrency.ts'
import { PromotionError } from '../errors.ts'
import type { BodyStream } from './body-stream.ts'
import { Dispatchers } from './dispatchers.ts'
import { Exchange, type Headers, type Received, type Wanted } from './exchange.ts'
import { HostLimits, type Place } from './host-limits.ts'
import { IdleWatch } from './idle-watch.ts'
import { LiveSecrets } from './live-secrets.ts'
import { quoteErrorBody, RegistryError } from './registry-error.ts'
import { isTransferred, type RequestBody, sendBody } from './request-body.ts'
import {
  asksForPatience,
  isTransientStatus,
  parseRetryAfter,
  RETRY_POLICY,
  type RetryPolicy,
  waitBefore,
  withRetries,
} from './retry.ts'
import { mayFollow } from './safe-url.ts'
import { warningTexts } from './warning-texts.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: RequestBody
  /** Statuses that the caller understands; every other one becomes a RegistryError. */
  readonly expect: readonly number[]
  /** A redirect to another origin is an answer like any other. */
  readonly stayOnOrigin?: boolean
  readonly maxRedirects?: number
  /** The hint of a 401 or 403, unless another origin answered it; undefined where there is nothing better to say than usual. */
  readonly loginHint?: () => Promise<string | undefined>
  /** Sent even when the run was told to stop, but for a moment only: what tidies up after it. */
  readonly outlivesRun?: boolean
  /** When the run is told to stop, its answer is waited for a moment longer: it names what there is to tidy up. */
  readonly lingers?: boolean
  /** Goes in front of what else waits for its turn at the host. */
  readonly urgent?: boolean
}

/** What was answered, its body aside. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  /** Where the answer came from, after redirects. */
  readonly url: URL
}

/** An answer whose body is yet to be read. */
export interface HttpResponse extends HttpAnswer {
  readonly body: BodyStream
}

/** An answer whose body was read as a whole. */
export interface HttpContent extends HttpAnswer {
  readonly bytes: Uint8Array
}

export interface HttpOptions {
  readonly retry?: RetryPolicy
  /** Milliseconds without progress, which is 1 KiB, after which a request is given up and tried again. */
  readonly idleTimeout?: number
  readonly signal?: AbortSignal
  /** Hosts, besides loopback, to which plain HTTP may be spoken. */
  readonly insecure?: readonly string[]
  /** What must not come back in an error. */
  readonly secrets?: LiveSecrets
  /** How many requests may be in flight to each host; clients that share it keep to it together. */
  readonly limits?: HostLimits
  /** Told what a host warns of (RFC 9111, section 5.5, code 299), once each. */
  readonly onWarning?: (host: string, text: string) => void
}

type Reading = Wanted['reading']

const IDLE_TIMEOUT = 30_000
const MAX_REDIRECTS = 5
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]
/** Warnings that are told of all hosts together. */
const MOST_WARNINGS = 50
/** Milliseconds for a request that outlives the run. */
const LAST_WORD = 3000
/** Milliseconds for an answer that is still waited for; together with a last word less than a run may take to stop. */
const LINGERING = 1000
/** Where a request that outlives the run stands: it asks nobody for a place. */
const NO_PLACE: Place = { answered: () => undefined, leave: () => undefined }

/** The transport under everything that speaks to a registry: time-outs, retries, redirects without credentials, limits. */
export class HttpClient {
  readonly secrets: LiveSecrets
  readonly #retry: RetryPolicy
  readonly #idleTimeout: number
  readonly #closing = new AbortController()
  /** Ends what is under way: the run was told to stop, or is over. */
  readonly #signal: AbortSignal
  readonly #insecure: readonly string[]
  readonly #dispatchers: Dispatchers
  readonly #limits: HostLimits
  readonly #underWay: IdleWatch<Exchange>
  readonly #lastWords = new WeakSet<Exchange>()
  readonly #lingering = new WeakSet<Exchange>()
  readonly #onWarning: HttpOptions['onWarning']
  readonly #warnings = new Set<string>()

  constructor(options: HttpOptions = {}) {
    this.secrets = options.secrets ?? new LiveSecrets()
    this.#retry = options.retry ?? RETRY_POLICY
    this.#idleTimeout = options.idleTimeout ?? IDLE_TIMEOUT
    this.#signal = AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])])
    this.#insecure = options.insecure ?? []
    this.#limits = options.limits ?? new HostLimits()
    this.#dispatchers = new Dispatchers(this.#limits.most)
    this.#underWay = new IdleWatch(this.#idleTimeout)
    this.#onWarning = options.onWarning
    // One listener for all that is under way: one for each would cost more than the request.
    this.#signal.addEventListener('abort', () => this.#stop(), { once: true })
  }

  /**
   * One attempt, redirects followed; of the body of an expected answer at most `limit` bytes are read, and none are kept without it.
   * Throws a RegistryError, `transient` when asking again may help.
   */
  async attempt(asked: HttpRequest, limit = 0): Promise<HttpContent> {
    return await this.#follow(asked, limit)
  }

  /** The same for a body that the caller reads to its end or dumps. */
  async open(asked: HttpRequest): Promise<HttpResponse> {
    const { status, headers, url, body } = await this.#follow(asked, 'stream')
    if (body === undefined) throw new PromotionError('internal', 'An answer was opened and has no body')
    return { status, headers, url, body }
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
    await this.#dispatchers.destroy()
  }

  async #follow(asked: HttpRequest, reading: Reading): Promise<Received> {
    let { url, headers = {} } = asked
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#exchange(asked, url, headers, reading)
      const next = redirectTarget(asked, answer)
      if (next === undefined) {
        if (asked.expect.includes(answer.status)) return answer
        throw await refusal(asked, answer, this.secrets)
      }
      await answer.body?.dump()
      if (redirects >= (asked.maxRedirects ?? MAX_REDIRECTS)) {
        const { method } = asked
        throw new RegistryError({ method, url, status: answer.status, problem: 'one redirect too many' })
      }
      this.mayFollow(asked.method, url, next)
      // Credentials belong to the origin they were made for: scheme, host and port.
      if (next.origin !== url.origin) headers = withoutCredentials(headers)
      url = next
    }
  }

  async #exchange(
    asked: HttpRequest,
    url: URL,
    headers: Readonly<Record<string, string>>,
    reading: Reading,
  ): Promise<Received> {
    if (!asked.outlivesRun) this.#signal.throwIfAborted()
    const { host } = url
    const entered = asked.outlivesRun ? NO_PLACE : this.#limits.enter(host, this, asked.urgent)
    const place = entered instanceof Promise ? await this.#unlessStopped(entered) : entered
    const { method, expect } = asked
    const exchange = new Exchange(
      { method, url, expect, reading, idleTimeout: this.#idleTimeout },
      {
        // A transfer that goes on keeps no place: another one at the same host may have to end before it.
        began: isTransferred(asked.body) ? () => place.leave() : undefined,
        answered: (status, answered) => {
          place.answered(this.#patienceFor(status, answered))
          place.leave()
          if (answered.warning !== undefined) this.#tellWarnings(host, answered.warning)
        },
        ended: () => {
          place.leave()
          this.#underWay.remove(watch)
        },
      },
    )
    const watch = this.#underWay.add(exchange)
    if (asked.outlivesRun) this.#lastWord(exchange)
    if (asked.lingers) this.#lingering.add(exchange)
    const isTransfer = reading === 'stream' || isTransferred(asked.body)
    const { body, length } = sendBody(asked.body, exchange)
    const sent = length === undefined ? headers : { ...headers, 'content-length': length }
    this.#dispatchers.dispatch({ method, url, headers: sent, body, isTransfer }, exchange)
    return exchange.received
  }

  /** The run may have been stopped since the place became free: nobody would end what begins now. */
  async #unlessStopped(entered: Promise<Place>): Promise<Place> {
    const place = await entered
    if (!this.#signal.aborted) return place
    place.leave()
    throw this.#signal.reason
  }

  /** Milliseconds to leave a host alone; undefined when its answer does not ask for that. */
  #patienceFor(status: number, headers: Headers): number | undefined {
    if (!asksForPatience(status)) return undefined
    const retryAfter = parseRetryAfter(headers['retry-after'], Date.now())
    // A 503 that names no time is more often about what was asked than about the host.
    if (retryAfter === undefined && status === 503) return 0
    return waitBefore(0, retryAfter, this.#retry)
  }

  #tellWarnings(host: string, header: string): void {
    for (const text of warningTexts(header)) {
      const key = `${host} ${text}`
      if (this.#warnings.has(key) || this.#warnings.size >= MOST_WARNINGS) continue
      this.#warnings.add(key)
      this.#onWarning?.(host, text)
    }
  }

  #lastWord(exchange: Exchange): void {
    this.#lastWords.add(exchange)
    const end = () => exchange.fail(new PromotionError('interrupted', 'The run is over'))
    setTimeout(end, LAST_WORD).unref()
  }

  #stop(): void {
    const { reason } = this.#signal
    this.#limits.dismiss(this, reason)
    for (const exchange of this.#underWay.all()) {
      if (this.#lingering.has(exchange)) setTimeout(() => exchange.fail(reason), LINGERING).unref()
      else if (!this.#lastWords.has(exchange)) exchange.fail(reason)
    }
  }
}

/** What an unexpected answer becomes: an error that holds the registry's own words. */
async function refusal(asked: HttpRequest, answer: Received, secrets: LiveSecrets): Promise<RegistryError> {
  const { status, url, headers, bytes } = answer
  const { codes, words } = quoteErrorBody(new TextDecoder().decode(bytes), (text) => secrets.redact(text))
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

function redirectTarget(asked: HttpRequest, { status, headers, url }: HttpAnswer): URL | undefined {
  const { location } = headers
  if (location === undefined || !REDIRECTS.includes(status)) return undefined
  if (asked.method !== 'GET' && asked.method !== 'HEAD') return undefined
  const next = URL.parse(location, url.href) ?? undefined
  return asked.stayOnOrigin && next?.origin !== url.origin ? undefined : next
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)),
  )
}
