import { PromotionError } from '../errors.ts'
import type { Secret } from '../inputs/secret.ts'
import { cutText } from '../oci/cut-text.ts'
import type { JsonObject } from '../oci/descriptor.ts'
import { quoteValue } from '../oci/quote-value.ts'
import { readJson } from '../oci/read-json.ts'

/** Proves who signs to a certificate authority (OpenID Connect Core 1.0, section 2), and what of it has to be known. */
export interface IdentityToken {
  /** Secret. */
  readonly text: string
  /** Whom it names: what the certificate authority wants to see signed with the new key. */
  readonly subject: string
}

/** Where identity tokens come from, and whom they must be known to before they are used. */
export interface IdentityTokenOptions {
  /** The input; undefined asks the runner. */
  readonly given: Secret | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Asks the runner for a token for Sigstore. */
  readonly getToken: () => Promise<string>
  /** Told of each secret before it is used. */
  readonly onSecret: (secret: string) => void
  /** A text without the secrets that were told. */
  readonly redact: (text: string) => string
}

/** What a runner of GitHub's gives to jobs that may have a token, and to no others. */
const REQUEST_URL = 'ACTIONS_ID_TOKEN_REQUEST_URL'
const REQUEST_TOKEN = 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'
const GIVEN = 'given as `identity-token`'
/** On one line, because logs and summaries take lines apart. */
const PERMISSION = 'permissions: { contents: read, id-token: write }'

/** A token for one certificate; the runner gives a new one each time. Throws a PromotionError that shows nothing of it. */
export async function identityToken(options: IdentityTokenOptions): Promise<IdentityToken> {
  const { given, onSecret } = options
  if (given === undefined) {
    const text = await fromRunner(options)
    onSecret(text)
    return { text, subject: subjectOf(readClaims(text, 'of the runner'), 'of the runner') }
  }
  const text = given.reveal().trim()
  if (text !== '') onSecret(text)
  const claims = readClaims(text, GIVEN)
  requireCurrent(claims, GIVEN)
  return { text, subject: subjectOf(claims, GIVEN) }
}

/**
 * Sees to it that there will be a token, before anything else is asked for: one that was given is current, or the job may have one. Throws a
 * PromotionError of kind `input` that shows nothing of it.
 */
export function requireIdentityToken({
  given,
  environment,
}: Pick<IdentityTokenOptions, 'given' | 'environment'>): void {
  if (given !== undefined) requireCurrent(readClaims(given.reveal().trim(), GIVEN), GIVEN)
  else requestTokenIn(environment)
}

/** What the runner is asked with; the job may have an identity token when it is there. */
function requestTokenIn(environment: IdentityTokenOptions['environment']): string {
  const requestToken = environment[REQUEST_TOKEN]
  if (environment[REQUEST_URL] && requestToken) return requestToken
  throw notAllowed(environment)
}

async function fromRunner({
  environment,
  getToken,
  onSecret,
  redact,
}: IdentityTokenOptions): Promise<string> {
  onSecret(requestTokenIn(environment))
  try {
    return await getToken()
  } catch (cause) {
    // Its message can hold whatever the endpoint answered: it is not passed on as it is.
    const why = redact(cause instanceof Error ? cause.message : String(cause))
    const words = cutText(why.replace(/\s+/g, ' '))
    throw new PromotionError('signing', `The runner gave no identity token: ${words}`, {
      hint: 'Run again; if it stays so, look at githubstatus.com, or at the OpenID Connect settings of your own server.',
    })
  }
}

function notAllowed({ GITHUB_ACTIONS }: IdentityTokenOptions['environment']): PromotionError {
  if (GITHUB_ACTIONS !== 'true') {
    return new PromotionError('input', 'Keyless signing needs an identity token, and there is none', {
      hint: 'Pass one as `identity-token`, in a terminal in SIGSTORE_ID_TOKEN; only in a job of GitHub it comes by itself.',
    })
  }
  return new PromotionError(
    'input',
    'Keyless signing needs an identity token, and this job may not have one',
    {
      hint: `Give the job \`${PERMISSION}\`, with the permissions that it has already.`,
    },
  )
}

/** The claims of a JSON Web Token (RFC 7519, section 3); its signature is for the certificate authority to check. */
function readClaims(text: string, name: string): JsonObject {
  const parts = text.split('.')
  const [, payload = ''] = parts
  const claims = readJson(Buffer.from(payload, 'base64url'))
  if (parts.length === 3 && claims !== undefined) return claims
  throw badToken(name, text === '' ? 'is empty' : 'is not a JSON Web Token')
}

function requireCurrent({ exp }: JsonObject, name: string): void {
  if (typeof exp !== 'number') throw badToken(name, 'does not say when it expires')
  const end = exp * 1000
  if (end > Date.now()) return
  const at = Number.isFinite(new Date(end).getTime()) ? ` at ${new Date(end).toISOString()}` : ''
  throw badToken(name, `expired${at}`)
}

/** As Fulcio reads it: an e-mail address that the issuer has verified, or else the subject. */
function subjectOf({ email, email_verified: isVerified, sub }: JsonObject, name: string): string {
  if (typeof email === 'string' && email !== '') {
    if (isVerified === true || isVerified === 'true') return email
    throw badToken(name, `is for the e-mail address ${quoteValue(email)}, which its issuer has not verified`)
  }
  if (typeof sub === 'string' && sub !== '') return sub
  throw badToken(name, 'names nobody: it has no subject')
}

function badToken(name: string, why: string): PromotionError {
  return new PromotionError('input', `The identity token ${name} ${why}`, {
    hint: 'Get a new one for the audience "sigstore"; most live for ten minutes or less.',
  })
}
