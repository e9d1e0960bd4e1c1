import type { RepositoryName } from '../oci/reference.ts'
import type { Authenticator, Scope } from './authenticate.ts'
import { type HttpClient, type HttpContent, type HttpRequest, type HttpResponse, readBody } from './http.ts'
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

/** A token may be refused again when many requests that share it use it up at once. */
const MOST_CHALLENGES = 4

/** Requests to one repository, with the credentials that it demands, and only to the registry's own origin. */
export class RepositoryTransport {
  readonly name: RepositoryName
  readonly #api: URL
  readonly #http: HttpClient
  readonly #authenticator: Authenticator

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

  /** One attempt, for callers that repeat several requests as one; the caller reads or dumps the body. Throws a RegistryError. */
  attempt(asked: RepositoryRequest): Promise<HttpResponse> {
    return this.#authorized(asked)
  }

  /** Sends until an expected answer comes; the caller reads or dumps the body. Throws a RegistryError. */
  send(asked: RepositoryRequest): Promise<HttpResponse> {
    return this.retry(() => this.#authorized(asked))
  }

  /** Sends and reads at most `limit` bytes of body; a body that breaks off is asked for again. */
  read(asked: RepositoryRequest, limit: number): Promise<HttpContent> {
    return this.retry(async () => readBody(await this.#authorized(asked), asked.method, limit))
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

  async #authorized(asked: RepositoryRequest): Promise<HttpResponse> {
    const url = asked.url ?? this.urlOf(asked.path ?? '')
    const scopes: [Scope, ...Scope[]] = [
      { repository: this.name, actions: asked.actions ?? 'pull' },
      ...(asked.alsoPull ? [{ repository: asked.alsoPull, actions: 'pull' }] : []),
    ]
    // An upload's Location may be on another host: that one gets no credentials of ours.
    if (url.origin !== this.#api.origin) return this.#http.attempt({ ...asked, url })
    let refused: string | undefined
    for (let challenges = 0; ; challenges++) {
      const header = await this.#authenticator.header(this.#api, scopes)
      const headers = { ...asked.headers, ...(header !== undefined && { authorization: header }) }
      const mayAskAgain = challenges === 0 || (challenges < MOST_CHALLENGES && header !== refused)
      const expect = mayAskAgain ? [...asked.expect, 401] : asked.expect
      const loginHint = () => this.#authenticator.loginHint(this.#api, this.name)
      const response = await this.#http.attempt({ ...asked, url, headers, expect, loginHint })
      if (response.status !== 401) return response
      await response.body.dump()
      this.#mustBeOwn(asked.method, response)
      await this.#authenticator.challenged(this.#api, response, scopes, header)
      refused = header
    }
  }

  /** Where a redirect led has no say in where the registry's credentials are sent. */
  #mustBeOwn(method: string, response: HttpResponse): void {
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

/** Plain http is spoken to loopback and to the hosts that were named as insecure, and to nobody else. */
function apiOf(name: RepositoryName, insecure: readonly string[]): URL {
  const https = new URL(`https://${name.registry}/v2/${name.path}/`)
  const plain = isLoopbackHost(https.hostname) || insecure.includes(name.registry)
  return plain ? new URL(`http://${name.registry}/v2/${name.path}/`) : https
}
