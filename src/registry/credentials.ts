import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { PromotionError } from '../errors.ts'
import { isMissing } from '../files/system-error.ts'
import { Secret } from '../inputs/secret.ts'
import type { RegistryCredentials } from '../inputs/settings.ts'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'

/** What a registry or its token service is shown: a user and password, or an identity token to be exchanged (OAuth 2). */
export type Credentials = Login & {
  /** Where they were found, in words. */
  readonly from: string
}

type Login = { readonly username: string; readonly password: Secret } | { readonly identityToken: Secret }

export type Environment = Readonly<Record<string, string | undefined>>

const DOCKER_HUB = ['index.docker.io', 'docker.io', 'registry-1.docker.io']
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/'
/** What a credential helper answers in place of a user name when the secret is an identity token. */
const TOKEN_USER = '<token>'
const OURS = /^(?:INPUT_|SIGNED_PROMOTE_|ACTIONS_ID_TOKEN_REQUEST_|COSIGN_PASSWORD$)/i

/**
 * Finds the credentials of a repository: those given to the run first, then the docker configuration: `credHelpers`, `credsStore`,
 * `auths`. The file is the first of REGISTRY_AUTH_FILE, DOCKER_CONFIG/config.json and ~/.docker/config.json, read once.
 */
export class CredentialStore {
  readonly #given: readonly RegistryCredentials[]
  readonly #environment: Environment
  readonly #fromHelpers = new Map<string, Promise<Login | undefined>>()
  #config: Promise<JsonObject> | undefined

  constructor(given: readonly RegistryCredentials[], environment: Environment = process.env) {
    this.#given = given
    this.#environment = environment
  }

  /** Undefined: there are none, and the registry is asked anonymously. Throws a PromotionError of kind `input` for a broken configuration. */
  async find(repository: RepositoryName): Promise<Credentials | undefined> {
    const name = formatRepository(repository)
    const given = givenFor(repository, this.#given)
    if (given !== undefined) {
      return { username: given.username, password: given.password, from: 'the input `registries`' }
    }
    this.#config ??= readDockerConfig(this.#environment)
    const config = await this.#config
    const hosts = DOCKER_HUB.includes(repository.registry)
      ? [DOCKER_HUB_KEY, ...DOCKER_HUB]
      : [repository.registry]
    const helper = helperFor(config, hosts)
    const fromHelper = helper && (await this.#askHelper(helper.name, helper.host))
    if (fromHelper) return { ...fromHelper, from: `the helper ${helper.name}` }
    const fromFile = fromAuths(config, name, hosts)
    return fromFile && { ...fromFile, from: 'the docker config' }
  }

  #askHelper(name: string, host: string): Promise<Login | undefined> {
    const key = `${name} ${host}`
    const asked = this.#fromHelpers.get(key) ?? runHelper(name, host, this.#environment)
    this.#fromHelpers.set(key, asked)
    return asked
  }
}

/** The credentials given to the run whose prefix holds the repository; the longest prefix wins. */
export function givenFor(
  repository: RepositoryName,
  given: readonly RegistryCredentials[],
): RegistryCredentials | undefined {
  const name = formatRepository(repository)
  return given
    .filter(({ prefix }) => name === prefix || name.startsWith(`${prefix}/`))
    .reduce<RegistryCredentials | undefined>(
      (best, one) => (best === undefined || one.prefix.length > best.prefix.length ? one : best),
      undefined,
    )
}

async function readDockerConfig(environment: Environment): Promise<JsonObject> {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, HOME } = environment
  const folder = DOCKER_CONFIG || join(HOME || homedir(), '.docker')
  const file = REGISTRY_AUTH_FILE || join(folder, 'config.json')
  try {
    const config: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (isJsonObject(config)) return config
  } catch (cause) {
    if (isMissing(cause)) return {}
    throw unusableConfig(file, cause)
  }
  throw unusableConfig(file)
}

/** The cause is named and not attached: a JSON parser's message quotes what it read. */
function unusableConfig(file: string, cause?: unknown): PromotionError {
  const why =
    cause instanceof Error && 'code' in cause ? `cannot be read (${cause.code})` : 'is not a JSON object'
  return new PromotionError('input', `The registry credentials in ${file}: the file ${why}`, {
    hint: 'Mend or remove the file, or point DOCKER_CONFIG at another folder.',
    location: { file },
  })
}

function helperFor(config: JsonObject, hosts: readonly string[]): { name: string; host: string } | undefined {
  const helpers = isJsonObject(config.credHelpers) ? config.credHelpers : {}
  for (const host of hosts) {
    const name = helpers[host]
    if (typeof name === 'string' && name !== '') return { name, host }
  }
  const [host] = hosts
  const { credsStore } = config
  return typeof credsStore === 'string' && credsStore !== '' && host !== undefined
    ? { name: credsStore, host }
    : undefined
}

/** The entry with the longest path that holds the repository wins, as in podman's auth.json; docker writes hosts only. */
function fromAuths(config: JsonObject, name: string, hosts: readonly string[]): Login | undefined {
  const auths = isJsonObject(config.auths) ? config.auths : {}
  const path = name.slice(name.indexOf('/') + 1).split('/')
  for (let length = path.length; length >= 0; length--) {
    for (const host of hosts) {
      const key = [host, ...path.slice(0, length)].join('/')
      const spellings =
        length > 0 ? [key] : [key, `https://${key}`, `https://${key}/v1/`, `https://${key}/v2/`]
      const found = spellings
        .map((spelling) => parseEntry(auths[spelling]))
        .find((entry) => entry !== undefined)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function parseEntry(entry: unknown): Login | undefined {
  if (!isJsonObject(entry)) return undefined
  const { identitytoken, auth, username, password } = entry
  if (typeof identitytoken === 'string' && identitytoken !== '')
    return { identityToken: new Secret(identitytoken) }
  if (typeof auth === 'string' && auth !== '') {
    const text = Buffer.from(auth, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    return colon < 0
      ? undefined
      : { username: text.slice(0, colon), password: new Secret(text.slice(colon + 1).replace(/\0+$/, '')) }
  }
  if (typeof username !== 'string' || typeof password !== 'string' || username === '') return undefined
  return { username, password: new Secret(password) }
}

/** Speaks docker's credential helper protocol: the host on stdin of `docker-credential-<name> get`, JSON on stdout. */
async function runHelper(name: string, host: string, environment: Environment): Promise<Login | undefined> {
  const program = `docker-credential-${name}`
  const { stdout, failed } = await new Promise<{ stdout: string; failed: string | undefined }>((resolve) => {
    const child = execFile(
      program,
      ['get'],
      { env: withoutOurSecrets(environment), timeout: 60_000 },
      (error, out) => {
        resolve({
          stdout: out,
          failed: error === null ? undefined : String(error.code ?? error.signal ?? error.name),
        })
      },
    )
    // A helper that does not start closes its input at once; the callback above reports it.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(host)
  })
  if (failed !== undefined) {
    if (/credentials not found/i.test(stdout)) return undefined
    throw helperFailed(program, host, `failed (${failed})`)
  }
  return parseHelperAnswer(stdout, program, host)
}

/** What a credential helper needs of the environment: not the inputs, passwords and identity of this run. */
function withoutOurSecrets(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OURS.test(name)))
}

function parseHelperAnswer(stdout: string, program: string, host: string): Login {
  const answer = parseJson(stdout)
  const { Username, Secret: secret } = isJsonObject(answer) ? answer : {}
  if (typeof Username !== 'string' || typeof secret !== 'string') {
    throw helperFailed(program, host, 'did not answer with Username and Secret')
  }
  return Username === TOKEN_USER
    ? { identityToken: new Secret(secret) }
    : { username: Username, password: new Secret(secret) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not quoted and not passed on: the text may hold the secret.
    return undefined
  }
}

function helperFailed(program: string, host: string, why: string): PromotionError {
  return new PromotionError('input', `The credential helper ${program}, asked for ${host}, ${why}`, {
    hint: 'Install or log in to the helper, or remove it from credHelpers and credsStore of the docker configuration.',
  })
}
