import type { RegistrySettings } from '../inputs/settings.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { Authenticator } from './authenticate.ts'
import { BlobMemory } from './blob-memory.ts'
import { CredentialStore, type Environment } from './credentials.ts'
import { HttpClient, type HttpOptions } from './http.ts'
import { KeyedLock } from './keyed-lock.ts'
import { LiveSecrets } from './live-secrets.ts'
import { RedactingRepository } from './redacting-repository.ts'
import { RemoteRepository } from './remote-repository.ts'
import type { Registries, SourceRepository, TargetRepository } from './repository.ts'
import { RepositoryTransport } from './transport.ts'
import { UploadHabits } from './upload-habits.ts'

export interface RegistryOptions extends Omit<HttpOptions, 'insecure' | 'secrets'> {
  /** Milliseconds that a change to a shared tag is left alone before it is looked at again. */
  readonly mergePause?: number
  /** Where the docker configuration and its helpers are looked for. */
  readonly environment?: Environment
  /** Told of each registry once on which nobody can find out what refers to an image. */
  readonly onHiddenReferrers?: (registry: string) => void
}

/** All registries of a run, over one HTTP client and one set of credentials. */
export class RemoteRegistries implements Registries {
  readonly #settings: RegistrySettings
  readonly #http: HttpClient
  readonly #authenticator: Authenticator
  readonly #secrets = new LiveSecrets()
  readonly #lock = new KeyedLock()
  readonly #memory = new BlobMemory()
  readonly #habits = new UploadHabits()
  readonly #mergePause: number | undefined
  readonly #onHiddenReferrers: RegistryOptions['onHiddenReferrers']
  readonly #hiding = new Set<string>()
  readonly #repositories = new Map<string, TargetRepository>()

  constructor(settings: RegistrySettings, options: RegistryOptions = {}) {
    this.#settings = settings
    this.#mergePause = options.mergePause
    this.#onHiddenReferrers = options.onHiddenReferrers
    this.#http = new HttpClient({ ...options, insecure: settings.insecure, secrets: this.#secrets })
    this.#authenticator = new Authenticator(
      this.#http,
      new CredentialStore(settings.credentials, options.environment),
    )
    for (const { username, password } of settings.credentials) {
      this.#secrets.addLogin(username, password.reveal())
    }
  }

  source(name: RepositoryName): SourceRepository {
    return this.#repository(name)
  }

  target(name: RepositoryName): TargetRepository {
    return this.#repository(name)
  }

  /** Any text without the passwords and tokens that were used so far; errors thrown by the repositories are clean already. */
  redact(text: string): string {
    return this.#secrets.redact(text)
  }

  /** Closes every connection; what is under way fails. */
  close(): Promise<void> {
    return this.#http.close()
  }

  #tellHidden(registry: string): void {
    if (this.#hiding.has(registry)) return
    this.#hiding.add(registry)
    this.#onHiddenReferrers?.(registry)
  }

  #repository(name: RepositoryName): TargetRepository {
    const key = formatRepository(name)
    const known = this.#repositories.get(key)
    if (known !== undefined) return known
    const transport = new RepositoryTransport(name, this.#settings.insecure, this.#http, this.#authenticator)
    const onHiddenReferrers = (registry: string) => this.#tellHidden(registry)
    const shared = { lock: this.#lock, memory: this.#memory, habits: this.#habits, onHiddenReferrers }
    const remote = new RemoteRepository(transport, shared, this.#mergePause)
    const repository = new RedactingRepository(remote, this.#secrets)
    this.#repositories.set(key, repository)
    return repository
  }
}
