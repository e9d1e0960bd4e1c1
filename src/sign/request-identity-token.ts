import { PromotionError } from '../errors.ts'
import { readJson } from '../oci/read-json.ts'
import type { ServiceHttp } from './ask-service.ts'

/** Bytes; a token has a few thousand. */
const ANSWER_LIMIT = 64 * 1024
const AUDIENCE = 'sigstore'

/**
 * Asks the runner of a GitHub job for an identity token for Sigstore, for whoever is not an action of it (GitHub, "OpenID Connect
 * reference", "Methods for requesting the OIDC token"). Throws a PromotionError.
 */
export async function requestIdentityToken(
  http: ServiceHttp,
  {
    ACTIONS_ID_TOKEN_REQUEST_URL: address = '',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = '',
  }: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const url = new URL(address)
  url.searchParams.set('audience', AUDIENCE)
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` }
  const question = { method: 'GET', url, headers, expect: [200], maxRedirects: 0 } as const
  const { bytes } = await http.retry(() => http.attempt(question, ANSWER_LIMIT))
  const value = readJson(bytes)?.value
  if (typeof value === 'string') return value
  throw new PromotionError('signing', `${url.host} answered 200 with something that holds no token`, {
    hint: 'Run again; if it stays so, look at the OpenID Connect settings of the server.',
  })
}
