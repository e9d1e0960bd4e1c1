import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildKeys, type KeyPair } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import type { RealRegistry } from '../conformance/real-registry.ts'
import { startDistribution, startReferrersRegistry } from './registries.ts'
import type { LinkShape } from './relay/relay.ts'
import { RelayChild, type RemoteRelay } from './relay/relay-child.ts'
import { addTraffic, type Traffic } from './relay/traffic.ts'
import { KEY_PASSWORD } from './tools/ours.ts'
import type { Link } from './workloads.ts'

/** The registries of the bench: one of each kind to read from, three to write to. */
export type SiteName = 'source' | 'referrers source' | 'target 1' | 'target 2' | 'target 3'

interface Site {
  readonly registry: RealRegistry
  readonly relay: RemoteRelay
}

const FREE: LinkShape = { delay: 0, bandwidth: null }

/** A folder with a key pair, and registries behind relays, each started when it is first used. */
export class Stage implements AsyncDisposable {
  readonly #workFolder: string
  readonly keys: KeyPair = buildKeys('ec')
  readonly #encryptedKey = encryptCosignKey(this.keys.privateKey, KEY_PASSWORD)
  readonly #folder: string
  readonly #relays = new RelayChild()
  readonly #sites = new Map<SiteName, Site>()

  /** Everything is kept in this folder, which is the caller's to remove. */
  constructor(folder: string) {
    this.#folder = folder
    this.#workFolder = join(folder, 'work')
  }

  /** A new folder for a tool to run in, also its home: what a tool remembered of its last run is gone. It holds `cosign.key` and `cosign.pub`. */
  async clearWork(): Promise<string> {
    await rm(this.#workFolder, { recursive: true, force: true })
    await mkdir(this.#workFolder)
    await writeFile(join(this.#workFolder, 'cosign.key'), this.#encryptedKey, { mode: 0o600 })
    await writeFile(join(this.#workFolder, 'cosign.pub'), this.keys.publicPem)
    return this.#workFolder
  }

  /** The registry itself, for what is not measured. */
  async direct(name: SiteName): Promise<string> {
    return (await this.#site(name)).registry.host
  }

  /** The `host:port` by which a tool on this link addresses a registry. */
  async address(name: SiteName, link: Link): Promise<string> {
    const { registry, relay } = await this.#site(name)
    return link.shape === null ? registry.host : relay.host
  }

  /** Makes the way to these registries such, and forgets what has passed. */
  async prepare(names: readonly SiteName[], link: Link): Promise<void> {
    for (const name of names) {
      const { relay } = await this.#site(name)
      const own = name.endsWith('source') ? link.sourceShape : undefined
      await relay.shape(own ?? link.shape ?? FREE)
      await relay.takeTraffic()
    }
  }

  /** What has passed since `prepare`, in sum. */
  async takeTraffic(names: readonly SiteName[]): Promise<Traffic> {
    const parts: Traffic[] = []
    for (const name of names) parts.push(await (await this.#site(name)).relay.takeTraffic())
    return addTraffic(parts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relays[Symbol.asyncDispose]()
    for (const { registry } of this.#sites.values()) await registry[Symbol.asyncDispose]()
  }

  async #site(name: SiteName): Promise<Site> {
    const known = this.#sites.get(name)
    if (known) return known
    const registry = await (name === 'referrers source'
      ? startReferrersRegistry()
      : startDistribution(this.#folder))
    const site = { registry, relay: await this.#relays.open(registry.host) }
    this.#sites.set(name, site)
    return site
  }
}
