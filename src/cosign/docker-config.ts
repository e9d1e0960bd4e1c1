import type { Secret } from '../inputs/secret.ts'

/** Credentials for one registry. */
export interface Login {
  readonly username: string
  readonly password: Secret
}

const DOCKER_HUB = 'index.docker.io'
/** The name that docker's own config gives to Docker Hub. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/'

/** The text of a docker config that knows this one login. */
export function formatDockerConfig(registry: string, login: Login): string {
  const key = registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry
  return JSON.stringify({ auths: { [key]: { auth: basicAuth(login) } } })
}

/** `user:password` in base64 (RFC 7617, section 2). */
export function basicAuth({ username, password }: Login): string {
  return Buffer.from(`${username}:${password.reveal()}`).toString('base64')
}
