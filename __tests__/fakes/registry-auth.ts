import { randomBytes } from 'node:crypto'
import {
  type Answer,
  answer,
  errorAnswer,
  jsonAnswer,
  type Origin,
  type ReceivedRequest,
} from './registry-exchange.ts'
import type { Account, Action, AuthSwitch, RegistrySwitches } from './registry-switches.ts'

/** One thing that a request wants to do. */
export interface Access {
  readonly repository: string
  readonly action: Action
}

interface Token {
  readonly access: ReadonlySet<string>
  uses: number
}

type BearerSwitch = AuthSwitch & { readonly by: 'bearer' }

const SERVICE = 'fake-registry'
const TOKEN_PATH = '/token'

/** Lets requests in, and hands out tokens (distribution's token authentication specification). */
export class RegistryAuth {
  readonly #tokens = new Map<string, Token>()
  readonly #switches: RegistrySwitches
  readonly #origins: Readonly<Record<Origin, string>>

  constructor(switches: RegistrySwitches, origins: Readonly<Record<Origin, string>>) {
    this.#switches = switches
    this.#origins = origins
  }

  /** Takes back every token that was handed out. */
  revokeTokens(): void {
    this.#tokens.clear()
  }

  /** The refusal of a request that lacks any of these rights; undefined lets it in. */
  refuse(request: ReceivedRequest, wanted: readonly Access[]): Answer | undefined {
    const { auth } = this.#switches
    if (auth.by === 'nobody') return undefined
    return auth.by === 'basic'
      ? refuseBasic(auth, request, wanted)
      : this.#refuseBearer(auth, request, wanted)
  }

  /** The token endpoint: GET with Basic credentials or none, or an OAuth2 POST with a password or an identity token. */
  issueToken(request: ReceivedRequest): Answer {
    const { auth } = this.#switches
    if (auth.by !== 'bearer') return answer(404)
    const form = request.method === 'POST' ? new URLSearchParams(request.body.toString()) : request.query
    const login = request.method === 'POST' ? formLogin(form) : basicLogin(request)
    const account = login && auth.accounts.find((known) => isAccountOf(known, login))
    if (login && !account) return errorAnswer(401, 'UNAUTHORIZED', 'wrong user name or password')
    if (!account && !auth.anonymousPull) return errorAnswer(401, 'UNAUTHORIZED', 'log in first')
    const asked = form
      .getAll('scope')
      .flatMap((scope) => scope.split(' '))
      .flatMap(parseScope)
    const granted = asked.filter((access) => (account ? mayDo(account, access) : access.action === 'pull'))
    const token = auth.tokenClaims ? tellingToken(granted) : opaqueToken()
    this.#tokens.set(token, {
      access: new Set(granted.map(accessKey)),
      uses: auth.usesPerToken ?? Number.POSITIVE_INFINITY,
    })
    return jsonAnswer(200, tokenAnswer(auth, token))
  }

  /** Whether a path is that of the token endpoint. */
  isTokenPath(path: string): boolean {
    const { auth } = this.#switches
    return path === (auth.by === 'bearer' ? tokenPathOf(auth) : TOKEN_PATH)
  }

  #refuseBearer(auth: BearerSwitch, request: ReceivedRequest, wanted: readonly Access[]): Answer | undefined {
    const [, text = ''] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    const token = this.#tokens.get(text)
    if (token && token.uses > 0 && wanted.every((access) => token.access.has(accessKey(access)))) {
      token.uses -= 1
      return undefined
    }
    const why = token && token.uses > 0 ? ',error="insufficient_scope"' : text ? ',error="invalid_token"' : ''
    const realm = `${this.#origins[auth.tokensFrom ?? 'registry']}${tokenPathOf(auth)}`
    const scope = formatScope(wanted)
    const challenge = `Bearer realm="${realm}",service="${SERVICE}"${scope && `,scope="${scope}"`}${why}`
    return errorAnswer(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challenge })
  }
}

function opaqueToken(): string {
  return randomBytes(24).toString('base64url')
}

/** A JWT as distribution's token documentation has it, but for its signature: the registry itself knows what it gave. */
function tellingToken(granted: readonly Access[]): string {
  const access = [...Map.groupBy(granted, ({ repository }) => repository)].map(([name, all]) => ({
    type: 'repository',
    name,
    actions: all.map(({ action }) => action),
  }))
  const parts = [{ typ: 'JWT' }, { iss: SERVICE, access }]
  const [header, claims] = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return `${header}.${claims}.${opaqueToken()}`
}

function tokenPathOf({ tokenPath }: BearerSwitch): string {
  return tokenPath ?? TOKEN_PATH
}

function tokenAnswer({ tokenAnswer: fields }: BearerSwitch, token: string): object {
  if (fields === 'token only') return { token }
  if (fields === 'access_token only') return { access_token: token }
  return { token, access_token: token, expires_in: 300, issued_at: new Date().toISOString() }
}

function refuseBasic(
  { accounts, challengeEnd = '' }: AuthSwitch & { readonly by: 'basic' },
  request: ReceivedRequest,
  wanted: readonly Access[],
): Answer | undefined {
  const login = basicLogin(request)
  const account = login && accounts.find((known) => isAccountOf(known, login))
  if (!account) {
    const challenge = { 'www-authenticate': `Basic realm="fake registry"${challengeEnd}` }
    return errorAnswer(401, 'UNAUTHORIZED', 'authentication required', challenge)
  }
  if (wanted.every((access) => mayDo(account, access))) return undefined
  return errorAnswer(403, 'DENIED', 'requested access to the resource is denied')
}

type Login =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string | null }

function basicLogin(request: ReceivedRequest): Login | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

function formLogin(form: URLSearchParams): Login {
  if (form.get('grant_type') === 'refresh_token') return { identityToken: form.get('refresh_token') }
  return { username: form.get('username') ?? '', password: form.get('password') ?? '' }
}

function isAccountOf(account: Account, login: Login): boolean {
  return 'identityToken' in login
    ? account.identityToken === login.identityToken
    : account.username === login.username && account.password === login.password
}

function mayDo({ prefix, actions }: Account, { repository, action }: Access): boolean {
  const within = prefix === undefined || repository === prefix || repository.startsWith(`${prefix}/`)
  return within && (actions === undefined || actions.includes(action))
}

function parseScope(scope: string): readonly Access[] {
  const [, repository = '', actions = ''] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? []
  return actions.split(',').map((action) => ({ repository, action: action as Action }))
}

function formatScope(wanted: readonly Access[]): string {
  const actions = Map.groupBy(wanted, (access) => access.repository)
  return [...actions]
    .map(([repository, all]) => `repository:${repository}:${all.map((access) => access.action).join(',')}`)
    .join(' ')
}

function accessKey({ repository, action }: Access): string {
  return `${repository}:${action}`
}
