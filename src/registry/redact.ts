const BASIC = /^Basic (.+)$/i
const HIDDEN = '***'

/** What must not come back in an error out of a request's Authorization header: the token, or the login with its password. */
export function secretsIn(authorization: string | undefined): readonly string[] {
  if (authorization === undefined) return []
  const encoded = BASIC.exec(authorization)?.[1]
  if (encoded === undefined) return [authorization.slice(authorization.indexOf(' ') + 1)]
  const login = Buffer.from(encoded, 'base64').toString()
  return [encoded, login, login.slice(login.indexOf(':') + 1)]
}

/** The text with every secret in it, as it is and percent-encoded, replaced: some registries and proxies repeat what they were sent. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((left, secret) => left.replaceAll(secret, HIDDEN), text)
}
