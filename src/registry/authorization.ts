import type { Credentials } from './credentials.ts'
import type { LiveSecrets } from './live-secrets.ts'

/** The Authorization header that shows credentials as they are; from then on they come out in no text. */
export function authorizationOf(credentials: Credentials, secrets: LiveSecrets): string {
  if ('identityToken' in credentials) {
    const token = credentials.identityToken.reveal()
    secrets.add(token)
    return `Bearer ${token}`
  }
  const { username, password } = credentials
  secrets.addLogin(username, password.reveal())
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`
}
