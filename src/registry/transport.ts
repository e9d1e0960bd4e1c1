import type { RepositoryName } from '../oci/reference.ts'
import { type Authenticator, type Wish, wishFor } from './authenticate.ts'
import type { HttpAnswer, HttpClient, HttpContent, HttpRequest, HttpResponse } from './http.ts'
import { isLoopbackHost } from './loopback.ts'
import { RegistryError } from './registry-error.ts'

/** A request to one repository; without `url` the path is taken below `/v2/<repository>/`. */
export interface RepositoryRequest extends Omit<HttpRequest, 'url'> {
  readonly path?: string
  readonly url?: URL
  /** What the token must allow; `pull` when left out. */
  readonly actions?: 'pull' | 'pull,push' | 'pull,push,delete'
  /** Another repository of the same registry that is read by the same request. */
  readonly alsoPull?: RepositoryName
}

/** Times that a token may be refused without a word about its life: the right may be missing. */
const MOST_UNEXPLAINED = 3
/** Times that any token may be refused: many requests that share it can use it up again and again. */
const MOST_CHALLENGES = 24

/** OpenShift's extension of the registry API; Pulp has it too. */
const SIGNATURES_HEADER = 'x-registry-supports-signatures'

/** Requests to one repository, with the credentials that it demands, and only to the registry's own origin. */
export class RepositoryTransport {
  readonly name: RepositoryName
  readonly #api: URL
  readonly #http: HttpClient
  readonly #authenticator: Authenticator
  readonly #wishes = new Map<string, Wish>()
  #announcesSignatures = false

  constructor(
    name: RepositoryName,
    insecure: readonly string[],
    http: HttpClient,
    authenticator: Authenticator,
  ) {
    this.name = name
    this.#api = apiOf(name, insecure)
    this.#http = http
    this.#authenticator = authenticator
  }

  /** Whether an answer so far has said that the registry has the signatures extension; it says so in all of them, or in none. */
  get announcesSignatures(): boolean {
    return this.#announcesSignatures
  }

  /** One attempt, for callers that repeat several requests as one; what the body says is not looked at. Throws a RegistryError. */
  attempt(asked: RepositoryRequest): Promise<HttpAnswer> {
    return this.#authorized(asked, (request) => this.#http.attempt(request))
  }

  /** Sends until an expected answer comes; what the body says is not looked at. Throws a RegistryError. */
  send(asked: RepositoryRequest): Promise<HttpAnswer> {
    return this.retry(() => this.attempt(asked))
  }

  /** Sends and reads at most `limit` bytes of body; a body that breaks off is asked for again. */
  read(asked: RepositoryRequest, limit: number): Promise<HttpContent> {
    return this.retry(() => this.#authorized(asked, (request) => this.#http.attempt(request, limit)))
  }

  /** One attempt, whose body the caller reads to its end or dumps. Throws a RegistryError. */
  open(asked: RepositoryRequest): Promise<HttpResponse> {
    return this.#authorized(asked, (request) => this.#http.open(request))
  }

  /** The header that a request with this wish would have; undefined where the registry has asked for none so far. */
  authorization(actions: NonNullable<RepositoryRequest['actions']>): Promise<string | undefined> {
    return this.retry(() => this.#authenticator.header(this.#api, this.#wishOf({ actions })))
  }

  /** Runs attempts again as long as they fail for a passing reason. */
  retry<T>(attempt: () => Promise<T>): Promise<T> {
    return this.#http.retry(attempt)
  }

  /** Waits; without a number as long as before the first retry. Throws at once when the run was told to stop. */
  wait(milliseconds?: number): Promise<void> {
    return this.#http.wait(milliseconds)
  }

  /** Whether an answer is the registry's own, and not that of something that it redirected to. */
  isOwn({ url }: { readonly url: URL }): boolean {
    return url.origin === this.#api.origin
  }

  /** Throws a RegistryError when an answer must not send us from one URL to another. */
  mayFollow(method: string, from: URL, to: URL): void {
    this.#http.mayFollow(method, from, to)
  }

  /** The URL of a path below `/v2/<repository>/`. */
  urlOf(path: string): URL {
    return new URL(path, this.#api)
  }

  async #authorized<T extends HttpAnswer & Partial<HttpResponse>>(
    asked: RepositoryRequest,
    send: (request: HttpRequest) => Promise<T>,
  ): Promise<T> {
    const url = asked.url ?? this.urlOf(asked.path ?? '')
    // An upload's Location may be on another host: that one gets no credentials of ours.
    if (url.origin !== this.#api.origin) return send({ ...asked, url })
    const wish = this.#wishOf(asked)
    const loginHint = () => this.#authenticator.loginHint(this.#api, this.name)
    let refused: string | undefined
    let unexplained = 0
    for (let challenges = 0; ; challenges++) {
      const header = await this.#authenticator.header(this.#api, wish, asked.outlivesRun)
      const headers = { ...asked.headers, ...(header !== undefined && { authorization: header }) }
      const isWorthIt = unexplained < MOST_UNEXPLAINED && challenges < MOST_CHALLENGES && header !== refused
      const mayAskAgain = challenges === 0 || isWorthIt
      const expect = mayAskAgain ? [...asked.expect, 401] : asked.expect
      const response = await send({ ...asked, url, headers, expect, loginHint })
      this.#noteExtensions(response)
      if (response.status !== 401) return response
      await response.body?.dump()
      this.#mustBeOwn(asked.method, response)
      await this.#authenticator.challenged(this.#api, response, wish, header)
      if (header !== undefined) unexplained += unexplainedBy(response)
      refused = header
    }
  }

  #noteExtensions(response: HttpAnswer): void {
    if (this.isOwn(response)) this.#announcesSignatures ||= response.headers[SIGNATURES_HEADER] === '1'
  }

  /** What most requests wish for is put together once. */
  #wishOf({ actions = 'pull', alsoPull }: Pick<RepositoryRequest, 'actions' | 'alsoPull'>): Wish {
    const own = { repository: this.name, actions }
    if (alsoPull !== undefined) return wishFor(this.#api, [own, { repository: alsoPull, actions: 'pull' }])
    const wish = this.#wishes.get(actions) ?? wishFor(this.#api, [own])
    this.#wishes.set(actions, wish)
    return wish
  }

  /** Where a redirect led has no say in where the registry's credentials are sent. */
  #mustBeOwn(method: string, response: HttpAnswer): void {
    if (this.isOwn(response)) return
    const { url, status } = response
    throw new RegistryError({
      method,
      url,
      status,
      problem: `${status} after a redirect from ${this.#api.host}`,
    })
  }
}

/** How many refusals one of a token counts for: none where a new token helps, and the last where the next one would allow no more. */
function unexplainedBy(response: HttpAnswer): number {
  if (saysOfToken(response, 'invalid_token')) return 0
  return saysOfToken(response, 'insufficient_scope') ? MOST_UNEXPLAINED : 1
}

/** Whether the registry says this of the token (RFC 6750, section 3.1): that it is no longer valid, or that it allows too little. */
function saysOfToken({ headers }: HttpAnswer, error: 'invalid_token' | 'insufficient_scope'): boolean {
  return headers['www-authenticate']?.includes(`error="${error}"`) ?? false
}

/** Plain http is spoken to loopback and to the hosts that were named as insecure, and to nobody else. */
function apiOf(name: RepositoryName, insecure: readonly string[]): URL {
  const https = new URL(`https://${name.registry}/v2/${name.path}/`)
  const plain = isLoopbackHost(https.hostname) || insecure.includes(name.registry)
  return plain ? new URL(`http://${name.registry}/v2/${name.path}/`) : https
}
