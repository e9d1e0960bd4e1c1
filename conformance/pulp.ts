import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts, StartedProgram } from './started-program.ts'
import { toolPath } from './tools.ts'

const USER = 'admin'
const PASSWORD = 'a password of Pulp'
/** As gunicorn logs a request: `… "PUT /v2/app/manifests/v1 HTTP/1.1" 201 …`. */
const LOGGED = /"([A-Z]+) (\S+) HTTP[^"]*" (\d{3})/g
const run = promisify(execFile)

/** A request that Pulp has answered. */
export interface AnsweredRequest {
  readonly method: string
  readonly path: string
  readonly status: number
}

/**
 * Pulp with its container plugin as its users have it: PostgreSQL, its API, which is the registry, its content application, to which blobs
 * are redirected, and a worker, without which tags that are pushed at the same time stay in its queue. It demands tokens.
 */
export class Pulp implements AsyncDisposable {
  /** `127.0.0.1:PORT` of the registry, and of the content application. */
  readonly host: string
  readonly contentHost: string
  readonly #folder: string
  readonly #programs = new AsyncDisposableStack()

  private constructor(folder: string, host: string, contentHost: string) {
    this.#folder = folder
    this.host = host
    this.contentHost = contentHost
  }

  static async start(): Promise<Pulp> {
    // PostgreSQL runs as somebody else, who has to reach its folder in this one.
    const folder = await mkdtemp(join(tmpdir(), 'pulp-'))
    await chmod(folder, 0o711)
    const [api, content] = await freePorts(2)
    const pulp = new Pulp(folder, `127.0.0.1:${api}`, `127.0.0.1:${content}`)
    try {
      await pulp.#start()
      return pulp
    } catch (error) {
      await pulp[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A line of the input `registries`. */
  get credentials(): string {
    return `${this.host} ${USER} ${PASSWORD}`
  }

  /** A docker configuration with the login. */
  get dockerConfig(): string {
    const auth = Buffer.from(`${USER}:${PASSWORD}`).toString('base64')
    return JSON.stringify({ auths: { [this.host]: { auth } } })
  }

  /** Sends a request with a token for the repository. */
  async fetch(repository: string, path: string, init: RequestInit = {}): Promise<Response> {
    const token = new URL(`http://${this.host}/token/`)
    token.searchParams.set('service', this.host)
    token.searchParams.set('scope', `repository:${repository}:pull,push`)
    const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`
    const granted = await fetch(token, { headers: { authorization: basic } })
    const { token: bearer } = (await granted.json()) as { readonly token: string }
    const headers = { ...init.headers, authorization: `Bearer ${bearer}` }
    return fetch(new URL(path, `http://${this.host}`), { redirect: 'manual', ...init, headers })
  }

  /** Runs a script with the Python and the packages of Pulp; what it printed. */
  async runPython(script: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run(toolPath('pulp'), [
      this.#settings,
      'python3',
      '-W',
      'ignore',
      '-c',
      script,
      ...args,
    ])
    return stdout
  }

  /** What the registry has answered since the last call. */
  async takeRequests(): Promise<readonly AnsweredRequest[]> {
    const log = join(this.#folder, 'access.log')
    const text = await readFile(log, 'utf8')
    await writeFile(log, '')
    return [...text.matchAll(LOGGED)].map(([, method = '', path = '', status]) => ({
      method,
      path,
      status: Number(status),
    }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs.disposeAsync()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get #settings(): string {
    return join(this.#folder, 'settings.py')
  }

  async #start(): Promise<void> {
    const database = join(this.#folder, 'database')
    for (const name of ['database', 'media', 'tmp']) await mkdir(join(this.#folder, name))
    await this.#writeSettings(database)
    await run(toolPath('pulp-database'), ['start', database])
    this.#programs.defer(async () => {
      await run(toolPath('pulp-database'), ['stop', database])
    })
    await this.#manage('migrate', '--noinput')
    await this.#manage('reset-admin-password', '--password', PASSWORD)
    const access = ['--access-logfile', join(this.#folder, 'access.log')]
    const api = this.#serve('pulpcore-api', '--bind', this.host, '--workers', '2', ...access)
    const content = this.#serve('pulpcore-content', '--bind', this.contentHost, '--workers', '1')
    const worker = this.#serve('pulpcore-worker')
    const status = `http://${this.host}/pulp/api/v3/status/`
    await api.serves(status)
    await worker.serves(status, hasWorker)
    await content.serves(`http://${this.contentHost}/pulp/content/`)
  }

  #serve(...args: readonly string[]): StartedProgram {
    // By SIGTERM its programs end their own children as well.
    return this.#programs.use(new StartedProgram('pulp', [this.#settings, ...args], 'SIGTERM'))
  }

  async #manage(...args: readonly string[]): Promise<void> {
    await run(toolPath('pulp'), [this.#settings, 'pulpcore-manager', ...args])
  }

  async #writeSettings(database: string): Promise<void> {
    const folder = this.#folder
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const inFolder = (name: string) => join(folder, name)
    await writeFile(inFolder('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    await writeFile(inFolder('private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    // Fernet reads base64url with its padding.
    await writeFile(inFolder('fields.key'), `${randomBytes(32).toString('base64url')}=\n`)
    const settings = {
      SECRET_KEY: randomBytes(32).toString('hex'),
      DATABASES: {
        default: {
          ENGINE: 'django.db.backends.postgresql',
          NAME: 'postgres',
          USER: 'pulp',
          HOST: database,
        },
      },
      DB_ENCRYPTION_KEY: inFolder('fields.key'),
      CONTENT_ORIGIN: `http://${this.contentHost}`,
      // The container plugin cannot be without that for files.
      ENABLED_PLUGINS: ['pulp_container', 'pulp_file'],
      DEPLOY_ROOT: folder,
      MEDIA_ROOT: inFolder('media'),
      WORKING_DIRECTORY: inFolder('tmp'),
      FILE_UPLOAD_TEMP_DIR: inFolder('tmp'),
      // The usual one takes half a second, for every token that is asked for.
      PASSWORD_HASHERS: ['django.contrib.auth.hashers.MD5PasswordHasher'],
      TOKEN_SERVER: `http://${this.host}/token/`,
      TOKEN_SIGNATURE_ALGORITHM: 'ES256',
      PUBLIC_KEY_PATH: inFolder('public.pem'),
      PRIVATE_KEY_PATH: inFolder('private.pem'),
    }
    // JSON of strings and lists is Python as well.
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    await writeFile(this.#settings, [...lines, 'ANALYTICS = False', ''].join('\n'))
  }
}

/** Whether Pulp's own status names a worker that is there. */
function hasWorker(status: string): boolean {
  const { online_workers: workers } = JSON.parse(status) as { readonly online_workers: readonly unknown[] }
  return workers.length > 0
}
