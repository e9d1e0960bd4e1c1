import { BodyStream, type Flow } from './body-stream.ts'
import { connectionFailure } from './connection-failure.ts'
import type { Watched } from './idle-watch.ts'
import { RegistryError } from './registry-error.ts'

/** Names in lower case; of a repeated header the first value, or all of them where it is a list. */
export type Headers = Readonly<Record<string, string | undefined>>

/** What came back: the body as a whole, its beginning, or a stream. */
export interface Received {
  readonly status: number
  readonly headers: Headers
  /** Where it came from. */
  readonly url: URL
  readonly bytes: Uint8Array
  /** Only where a stream was asked for and the status is an expected one. */
  readonly body: BodyStream | undefined
}

/** What is asked, as far as it matters for what comes back. */
export interface Wanted {
  readonly method: string
  readonly url: URL
  /** Statuses whose body is `reading`; of any other one the beginning is kept for the error. */
  readonly expect: readonly number[]
  /** The bytes that the body may have at most; 0 drops it, `stream` leaves it to the caller. */
  readonly reading: number | 'stream'
  /** Milliseconds without progress after which the exchange is given up. */
  readonly idleTimeout: number
}

/** Who is told how an exchange goes. */
export interface ExchangeOwner {
  /** The request is on its way. */
  readonly began: (() => void) | undefined
  /** The status and the headers are there. */
  answered(status: number, headers: Headers): void
  /** Nothing more comes, for whatever reason; called once. */
  ended(): void
}

const ERROR_BODY_LIMIT = 8 * 1024
/** Bytes of a dropped body for which a connection is kept rather than closed. */
const DROPPED_BODY_LIMIT = 128 * 1024
/** Bytes of an upload that a registry may need minutes for after the last of them has arrived. */
const LARGE_UPLOAD = 64 * 1024 * 1024
/** How many times as long the answer to a large upload may take. */
const LARGE_UPLOAD_PATIENCE = 10
/** As many bytes as count for progress, for events that are some. */
const PROGRESS = 1024
/** Headers that may be repeated, and then are one list (RFC 9110, section 5.3). */
const LISTS: readonly string[] = ['www-authenticate', 'link', 'warning']
const NOTHING = new Uint8Array()
const CUT_OFF = new Error('the rest of the body is not wanted')

/** One request and its answer, in the form in which undici tells of them; gives up and can be ended at any time. */
export class Exchange implements Watched {
  /** Resolved with what came back; rejected when nothing usable did. */
  readonly received: Promise<Received>
  moved = 0
  patience: number
  readonly #wanted: Wanted
  readonly #owner: ExchangeOwner
  #resolveWith: (received: Received) => void = () => undefined
  #reject: (failure: Error) => void = () => undefined
  #flow: Flow | undefined
  #isOver = false
  #failure: Error | undefined
  /** The source of an upload has to give the next bytes, and not the registry to take them. */
  #waitsForSource = false
  #isSending = false
  #status = 0
  #headers: Headers = {}
  #kept = 0
  #chunks: Uint8Array[] = []
  #body: BodyStream | undefined

  constructor(wanted: Wanted, owner: ExchangeOwner) {
    this.#wanted = wanted
    this.#owner = owner
    this.received = new Promise((resolve, reject) => {
      this.#resolveWith = resolve
      this.#reject = reject
    })
    this.patience = wanted.idleTimeout
  }

  get isWaiting(): boolean {
    if (this.#waitsForSource) return false
    return this.#body === undefined || this.#body.isWaiting
  }

  /** The body of the request on its way out, so that it shows whose turn it is. */
  async *sending(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
    this.#isSending = true
    this.#waitsForSource = true
    for await (const chunk of body) {
      this.#waitsForSource = false
      yield chunk
      if (this.#isOver) return
      this.moved += chunk.byteLength
      this.#waitsForSource = true
    }
    this.#waitsForSource = false
    this.#isSending = false
    this.moved += PROGRESS
    if (size >= LARGE_UPLOAD) this.patience *= LARGE_UPLOAD_PATIENCE
  }

  /** Ends what is under way, with this error for whoever waits. */
  fail(failure: Error): void {
    if (this.#isOver) return
    this.#failure = failure
    this.#end()
    this.#reject(failure)
    this.#body?.finish(failure)
    this.#flow?.abort(failure)
  }

  giveUp(): void {
    if (this.#isAnswered()) this.#cutOff()
    else this.fail(this.#failed(`${this.#standstill()} for ${inWords(this.patience)}`))
  }

  onRequestStart(flow: Flow): void {
    if (this.#failure !== undefined) {
      flow.abort(this.#failure)
      return
    }
    this.#flow = flow
    this.#owner.began?.()
  }

  onResponseStart(
    flow: Flow,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // Something like 103: the answer itself is yet to come.
    if (status < 200) return
    this.moved += PROGRESS
    this.patience = this.#wanted.idleTimeout
    this.#waitsForSource = false
    this.#isSending = false
    this.#status = status
    this.#headers = singleValues(headers)
    this.#owner.answered(status, this.#headers)
    if (this.#wanted.reading !== 'stream' || !this.#isExpected()) return
    this.#body = new BodyStream(flow)
    this.#resolve()
  }

  onResponseData(_flow: Flow, chunk: Uint8Array): void {
    this.moved += chunk.byteLength
    if (this.#body !== undefined) this.#body.push(chunk)
    else if (!this.#isOver) this.#keep(chunk)
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    this.#end()
    if (this.#body === undefined) this.#resolve()
    else this.#body.finish()
  }

  onResponseError(_flow: Flow, cause: Error): void {
    if (this.#isOver) return
    this.#end()
    const failure = connectionFailure(this.#wanted.method, this.#wanted.url, cause)
    if (this.#body !== undefined) this.#body.finish(failure)
    // The status says all that is wanted: a body that breaks off takes nothing from it.
    else if (this.#isAnswered()) this.#resolve()
    else this.#reject(failure)
  }

  #keep(chunk: Uint8Array): void {
    this.#kept += chunk.byteLength
    const { reading } = this.#wanted
    // The limit is for what was asked for: what says why there is none of it has its own.
    if (!this.#isExpected() || this.#status >= 300) {
      this.#chunks.push(chunk)
      if (this.#kept >= ERROR_BODY_LIMIT) this.#cutOff()
    } else if (reading === 0) {
      if (this.#kept > DROPPED_BODY_LIMIT) this.#cutOff()
    } else if (typeof reading === 'number' && this.#kept > reading) {
      this.fail(this.#failed(`${this.#status} with more than the ${reading} bytes that are read`, false))
    } else {
      this.#chunks.push(chunk)
    }
  }

  /** All is there that is wanted; what still comes is stopped. */
  #cutOff(): void {
    this.#end()
    this.#resolve()
    this.#flow?.abort(CUT_OFF)
  }

  #end(): void {
    this.#isOver = true
    this.#owner.ended()
  }

  #resolve(): void {
    this.#resolveWith({
      status: this.#status,
      headers: this.#headers,
      url: this.#wanted.url,
      // Always a copy: a chunk is a view of all that the connection has read, and would keep it in memory.
      bytes: this.#chunks.length === 0 ? NOTHING : Buffer.concat(this.#chunks),
      body: this.#body,
    })
  }

  #isExpected(): boolean {
    return this.#wanted.expect.includes(this.#status)
  }

  /** Whether the body matters no more. */
  #isAnswered(): boolean {
    return this.#status > 0 && (this.#wanted.reading === 0 || !this.#isExpected())
  }

  #standstill(): string {
    if (this.#isSending) return 'the upload did not move'
    return this.#status === 0 ? 'no answer' : `${this.#status}, and of its body less than 1 KiB`
  }

  #failed(problem: string, transient = true): RegistryError {
    const { method, url } = this.#wanted
    const answered = this.#status > 0 && { status: this.#status }
    return new RegistryError({ method, url, problem, transient, ...answered })
  }
}

function inWords(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`
}

/** The object as it is where no header is repeated, which is the rule. */
function singleValues(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  return hasOnlySingle(headers)
    ? headers
    : Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, singleValue(name, value)]))
}

function hasOnlySingle(headers: Readonly<Record<string, string | string[] | undefined>>): headers is Headers {
  for (const name in headers) if (typeof headers[name] !== 'string') return false
  return true
}

function singleValue(name: string, value: string | string[] | undefined): string | undefined {
  if (!Array.isArray(value)) return value
  return LISTS.includes(name) ? value.join(', ') : value[0]
}
