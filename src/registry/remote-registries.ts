import type { RegistrySettings } from '../inputs/settings.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { Authenticator } from './authenticate.ts'
import { CredentialStore } from './credentials.ts'
import { HttpClient, type HttpOptions } from './http.ts'
import { KeyedLock } from './keyed-lock.ts'
import { RemoteRepository } from './remote-repository.ts'
import type { Registries, SourceRepository, TargetRepository } from './repository.ts'
import { RepositoryTransport } from './transport.ts'

export interface RegistryOptions extends Omit<HttpOptions, 'insecure'> {
  /** Milliseconds that a change to a shared tag is left alone before it is looked at again. */
  readonly mergePause?: number
}

/** All registries of a run, over one HTTP client and one set of credentials. */
export class RemoteRegistries implements Registries {
  readonly #settings: RegistrySettings
  readonly #http: HttpClient
  readonly #authenticator: Authenticator
  readonly #lock = new KeyedLock()
  readonly #mergePause: number | undefined
  readonly #repositories = new Map<string, RemoteRepository>()

  constructor(settings: RegistrySettings, options: RegistryOptions = {}) {
    this.#settings = settings
    this.#mergePause = options.mergePause
    this.#http = new HttpClient({ ...options, insecure: settings.insecure })
    this.#authenticator = new Authenticator(this.#http, new CredentialStore(settings.credentials))
  }

  source(name: RepositoryName): SourceRepository {
    return this.#repository(name)
  }

  target(name: RepositoryName): TargetRepository {
    return this.#repository(name)
  }

  /** Closes every connection; what is under way fails. */
  close(): Promise<void> {
    return this.#http.close()
  }

  #repository(name: RepositoryName): RemoteRepository {
    const key = formatRepository(name)
    const known = this.#repositories.get(key)
    if (known !== undefined) return known
    const transport = new RepositoryTransport(name, this.#settings.insecure, this.#http, this.#authenticator)
    const repository = new RemoteRepository(transport, this.#lock, this.#mergePause)
    this.#repositories.set(key, repository)
    return repository
  }
}
