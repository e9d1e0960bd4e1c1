import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../inputs/secret.ts'

/** Credentials for one registry. */
export interface Login {
  readonly username: string
  readonly password: Secret
}

const DOCKER_HUB = 'index.docker.io'
/** The name that docker's own config gives to Docker Hub. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/'

/**
 * Lets `use` work with a docker config folder that knows this one login, readable for nobody else and removed afterwards; `undefined`
 * stands for the user's own config when there is no login.
 */
export async function withDockerConfig(
  registry: string,
  login: Login | undefined,
  use: (folder: string | undefined) => Promise<void>,
): Promise<void> {
  if (login === undefined) return use(undefined)
  // mkdtemp makes folders with mode 0700.
  const folder = await mkdtemp(join(tmpdir(), 'signed-promote-'))
  try {
    await writeFile(join(folder, 'config.json'), formatConfig(registry, login), { mode: 0o600 })
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function formatConfig(registry: string, { username, password }: Login): string {
  const auth = Buffer.from(`${username}:${password.reveal()}`).toString('base64')
  return JSON.stringify({ auths: { [registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry]: { auth } } })
}
