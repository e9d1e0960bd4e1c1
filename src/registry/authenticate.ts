import { isJsonObject } from '../oci/descriptor.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { authorizationOf } from './authorization.ts'
import { type Challenge, LONGEST_CHALLENGE, parseChallenge } from './challenge.ts'
import type { CredentialStore, Credentials } from './credentials.ts'
import { HOW_TO_LOG_IN } from './failure-hint.ts'
import type { HttpAnswer, HttpClient, HttpContent, HttpRequest } from './http.ts'
import { RegistryError } from './registry-error.ts'

/** What a request wants to do, a repository each: `pull`, `pull,push` or `pull,push,delete`. */
export interface Scope {
  readonly repository: RepositoryName
  readonly actions: string
}

/** What a request wants to do: the repository asked, and others that it reads. Kept and used again, it is cheaper to look up. */
export interface Wish {
  readonly scopes: readonly [Scope, ...Scope[]]
  readonly key: string
}

/** A header for a wish, and when another one is made for it. */
interface Kept {
  readonly header: Promise<string | undefined>
  /** On the clock of `performance.now()`, which nobody sets back. */
  renewAt: number
}

interface Made {
  readonly header: string | undefined
  readonly renewAt: number
}

interface Token {
  readonly token: string
  /** Milliseconds; where the service names none, the token is used until it is refused. */
  readonly lifetime: number
}

/** Who asks for a token, and whether for a request that tidies up after the run. */
interface TokenAsker {
  readonly credentials: Credentials | undefined
  readonly outlivesRun: boolean
}

const NONE: Promise<undefined> = Promise.resolve(undefined)
/** The share of a token's life for which it is used: a request takes time as well. */
const USED_LIFETIME = 0.9
const TOKEN_LIMIT = 128 * 1024
const TOKEN_REDIRECTS = 3
const CLIENT_ID = 'signed-promote'

/**
 * Makes Authorization headers by the registry's own challenge: Basic, or a token from its token service (distribution
 * specification, "Token Authentication"). A token is asked for once for a scope, and again when the registry refuses it.
 */
export class Authenticator {
  readonly #http: HttpClient
  readonly #credentials: CredentialStore
  readonly #challenges = new Map<string, Challenge>()
  readonly #kept = new Map<string, Kept>()

  constructor(http: HttpClient, credentials: CredentialStore) {
    this.#http = http
    this.#credentials = credentials
  }

  /** The header for this wish; undefined where nothing was demanded so far. A token that is about to expire is renewed first. */
  header(api: URL, wish: Wish, outlivesRun = false): Promise<string | undefined> {
    const challenge = this.#challenges.get(api.origin)
    if (challenge === undefined) return NONE
    const known = this.#kept.get(wish.key)
    if (known !== undefined && performance.now() < known.renewAt) return known.header
    const made = this.#make(api, challenge, wish.scopes, outlivesRun)
    const kept: Kept = { header: made.then(({ header }) => header), renewAt: Number.POSITIVE_INFINITY }
    this.#kept.set(wish.key, kept)
    made.then(
      ({ renewAt }) => {
        kept.renewAt = renewAt
      },
      // A failure is not kept: the next request asks again.
      () => this.#forget(wish.key, kept),
    )
    return kept.header
  }

  /** Learns from a 401 what the registry wants, and forgets the header that it refused. Throws a RegistryError when it does not say. */
  async challenged(api: URL, response: HttpAnswer, { key }: Wish, refused?: string): Promise<void> {
    const text = response.headers['www-authenticate'] ?? ''
    const challenge = parseChallenge(text)
    if (challenge === undefined) {
      throw new RegistryError({
        method: 'GET',
        url: response.url,
        status: 401,
        problem: `401 ${whyUseless(text)}`,
      })
    }
    this.#challenges.set(api.origin, challenge)
    const kept = this.#kept.get(key)
    // Another request may have renewed it in the meantime.
    if (kept !== undefined && (await kept.header) === refused) this.#forget(key, kept)
  }

  /** Which credentials a registry refused, for the hint of a 401 or 403; undefined where it asked for none. */
  async loginHint(api: URL, repository: RepositoryName): Promise<string | undefined> {
    if (!this.#challenges.has(api.origin)) return undefined
    const found = await this.#credentials.find(repository)
    const host = repository.registry
    if (found === undefined) {
      return `No credentials for ${host} were found: use ${HOW_TO_LOG_IN}.`
    }
    const who = 'identityToken' in found ? 'the identity token' : `the credentials of "${found.username}"`
    return `${host} refused ${who} from ${found.from}: use an account that may do this.`
  }

  #forget(key: string, kept: Kept): void {
    if (this.#kept.get(key) === kept) this.#kept.delete(key)
  }

  async #make(api: URL, challenge: Challenge, scopes: Wish['scopes'], outlivesRun: boolean): Promise<Made> {
    const credentials = await this.#credentials.find(scopes[0].repository)
    const shown = credentials && authorizationOf(credentials, this.#http.secrets)
    if (challenge.scheme === 'basic') {
      return { header: shown, renewAt: Number.POSITIVE_INFINITY }
    }
    const asked = performance.now()
    const { token, lifetime } = await this.#fetchToken(api, challenge, scopes, { credentials, outlivesRun })
    this.#http.secrets.add(token)
    return { header: `Bearer ${token}`, renewAt: asked + lifetime * USED_LIFETIME }
  }

  async #fetchToken(
    api: URL,
    { realm, service }: Challenge & { scheme: 'bearer' },
    scopes: Wish['scopes'],
    { credentials, outlivesRun }: TokenAsker,
  ): Promise<Token> {
    const url = URL.parse(realm)
    if (url === null) {
      throw new RegistryError({
        method: 'GET',
        url: api,
        status: 401,
        problem: '401 with a realm that is not a URL',
      })
    }
    this.#http.mayFollow('GET', api, url)
    const parameters = new URLSearchParams(service === undefined ? {} : { service })
    const wanted = scopes.map(({ repository, actions }) => `repository:${repository.path}:${actions}`)
    const asked =
      credentials !== undefined && 'identityToken' in credentials
        ? identityExchange(url, parameters, wanted, credentials.identityToken.reveal())
        : tokenRequest(
            url,
            parameters,
            wanted,
            credentials && authorizationOf(credentials, this.#http.secrets),
          )
    const loginHint = () => this.loginHint(api, scopes[0].repository)
    // One attempt: the request that needs the token is repeated as a whole.
    return parseToken(await this.#http.attempt({ ...asked, loginHint, outlivesRun }, TOKEN_LIMIT))
  }
}

function tokenRequest(
  url: URL,
  parameters: URLSearchParams,
  scopes: readonly string[],
  authorization?: string,
): HttpRequest {
  const asked = new URL(url)
  for (const [name, value] of parameters) asked.searchParams.set(name, value)
  for (const scope of scopes) asked.searchParams.append('scope', scope)
  const headers = authorization === undefined ? {} : { authorization }
  return { method: 'GET', url: asked, headers, expect: [200], maxRedirects: TOKEN_REDIRECTS }
}

function identityExchange(
  url: URL,
  parameters: URLSearchParams,
  scopes: readonly string[],
  token: string,
): HttpRequest {
  const form = new URLSearchParams(parameters)
  form.set('grant_type', 'refresh_token')
  form.set('client_id', CLIENT_ID)
  form.set('scope', scopes.join(' '))
  form.set('refresh_token', token)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', url, headers, body: Buffer.from(form.toString()), expect: [200] }
}

/** What is wrong with a challenge that cannot be met. */
function whyUseless(challenge: string): string {
  if (challenge === '') return 'without a challenge'
  return challenge.length > LONGEST_CHALLENGE
    ? `with a challenge of more than ${LONGEST_CHALLENGE} characters`
    : 'with a challenge that is neither Basic nor Bearer'
}

/** The wish for these scopes at a registry. */
export function wishFor(api: URL, scopes: readonly [Scope, ...Scope[]]): Wish {
  const named = scopes.map(({ repository, actions }) => `${formatRepository(repository)}:${actions}`)
  return { scopes, key: [api.origin, ...named].join(' ') }
}

function parseToken({ bytes, url, status }: HttpContent): Token {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // Neither quoted nor passed on as a cause: the answer may hold a token.
    json = undefined
  }
  const { token, access_token, expires_in } = isJsonObject(json) ? json : {}
  const found = typeof token === 'string' && token !== '' ? token : access_token
  if (typeof found === 'string' && found !== '') {
    const isLimited = typeof expires_in === 'number' && expires_in > 0
    return { token: found, lifetime: isLimited ? expires_in * 1000 : Number.POSITIVE_INFINITY }
  }
  throw new RegistryError({ method: 'GET', url, status, problem: `${status} without a token in it` })
}
