import { join } from 'node:path'
import { CosignProgram } from '../cosign/cosign-program.ts'
import { type CosignBinary, findCosign } from '../cosign/find-cosign.ts'
import type { Environment } from '../cosign/run-cosign.ts'
import { userCache } from '../cosign/user-cache.ts'
import type { Settings } from '../inputs/settings.ts'
import { givenFor } from '../registry/credentials.ts'
import { sendFetchThroughProxies } from '../registry/dispatchers.ts'
import { HttpClient, type HttpOptions } from '../registry/http.ts'
import { LiveSecrets } from '../registry/live-secrets.ts'
import { isLoopbackHost } from '../registry/loopback.ts'
import { findTrustedRoot } from '../sigstore/trusted-root.ts'
import type { SigstoreTargets } from '../sigstore/tuf-targets.ts'
import type { Surroundings } from './surroundings.ts'

/** The cosign binary of a run. */
export interface Cosign {
  readonly binary: CosignBinary
  readonly program: CosignProgram
}

type TrustedRoot = Awaited<ReturnType<typeof findTrustedRoot>>

/** What signers, verifiers and policies are made with; each thing is made when it is asked for first, and once. */
export class Toolbox {
  readonly settings: Settings
  readonly around: Surroundings
  /** Speaks to the services of Sigstore. */
  readonly http: HttpClient
  readonly #secrets = new LiveSecrets()
  #cosign: Promise<Cosign> | undefined
  #targets: Promise<SigstoreTargets> | undefined
  #trustedRoot: Promise<TrustedRoot> | undefined

  constructor(settings: Settings, around: Surroundings, http: Omit<HttpOptions, 'insecure' | 'secrets'>) {
    this.settings = settings
    this.around = around
    this.http = new HttpClient({ ...http, insecure: settings.registries.insecure, secrets: this.#secrets })
  }

  get environment(): Environment {
    return this.around.environment
  }

  /** The binary that the settings name, tried. Throws a PromotionError of kind `input` when there is none. */
  cosign(): Promise<Cosign> {
    this.#cosign ??= this.#findCosign()
    return this.#cosign
  }

  /** What the Sigstore instance publishes. */
  targets(): Promise<SigstoreTargets> {
    this.#targets ??= this.#openTargets()
    return this.#targets
  }

  trustedRoot(): Promise<TrustedRoot> {
    this.#trustedRoot ??= findTrustedRoot(this.settings.sigstore, () => this.targets())
    return this.#trustedRoot
  }

  /** The same, as the JSON that other programs read. */
  async trustedRootText(): Promise<string> {
    const [root, { formatTrustedRoot }] = await Promise.all([
      this.trustedRoot(),
      import('../sigstore/format-trusted-root.ts'),
    ])
    return formatTrustedRoot(root)
  }

  /** Whether plain HTTP may be spoken to a service. */
  mayBePlain({ host, hostname }: URL): boolean {
    return isLoopbackHost(hostname) || this.settings.registries.insecure.includes(host)
  }

  /** Sees to it that a text is shown nowhere from now on. */
  hide(secret: string): void {
    this.#secrets.add(secret)
    this.around.hide?.(secret)
  }

  redact(text: string): string {
    return this.#secrets.redact(text)
  }

  async #findCosign(): Promise<Cosign> {
    const { cosign, registries } = this.settings
    const binary = await findCosign(cosign, this.environment)
    const program = new CosignProgram({
      path: binary.path,
      environment: this.environment,
      login: (repository) => givenFor(repository, registries.credentials),
      insecure: (registry) => registries.insecure.includes(registry),
    })
    return { binary, program }
  }

  async #openTargets(): Promise<SigstoreTargets> {
    // Loaded when it is needed: most runs have their keys and roots in files.
    const { TufTargets } = await import('../sigstore/tuf-targets.ts')
    const { tufMirror: mirror, tufRoot: root } = this.settings.sigstore
    // The library fetches by itself; this machine is reached without a proxy.
    if (mirror === undefined || !isLoopbackHost(new URL(mirror).hostname)) sendFetchThroughProxies()
    return new TufTargets({ mirror, root, cache: join(userCache(this.environment), 'tuf') })
  }
}
