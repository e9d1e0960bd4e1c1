import { isJsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import type { RepositoryName } from '../oci/reference.ts'
import { RegistryError } from './registry-error.ts'
import type { PushRight } from './repository.ts'
import type { RepositoryTransport } from './transport.ts'

const BEARER = 'Bearer '
/** Statuses by which a token service gives no token for what was asked, having given one for reading before. */
const REFUSED: readonly (number | undefined)[] = [401, 403]

/** Asks the token service for the right to push, and reads what it gave. */
export async function askPushRight(transport: RepositoryTransport): Promise<PushRight> {
  try {
    return pushRightIn(await transport.authorization('pull,push'), transport.name)
  } catch (error) {
    if (error instanceof RegistryError && REFUSED.includes(error.status)) return 'refused'
    throw error
  }
}

/**
 * What a token for one repository says of pushing in its claim `access` (distribution, "Token Authentication Implementation"). It is the
 * registry's to believe, so that its signature is not looked at here.
 */
export function pushRightIn(authorization: string | undefined, { path }: RepositoryName): PushRight {
  if (!authorization?.startsWith(BEARER)) return 'unknown'
  const [, claims = ''] = authorization.slice(BEARER.length).split('.')
  const access = readJson(Buffer.from(claims, 'base64url').toString())?.access
  if (!Array.isArray(access)) return 'unknown'
  if (access.length === 0) return 'refused'
  const own = access.filter(isJsonObject).filter(({ type, name }) => type === 'repository' && name === path)
  if (own.length === 0) return 'unknown'
  const actions = own.flatMap((entry) => (Array.isArray(entry.actions) ? entry.actions : []))
  return actions.includes('push') || actions.includes('*') ? 'granted' : 'refused'
}
