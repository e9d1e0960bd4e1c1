import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildKeys } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import type { PrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { PASSWORD, runCosign } from './cosign.ts'
import { newFolder } from './new-folder.ts'
import { pushBareSample } from './push-sample.ts'
import { type RealRegistry, startRealRegistry } from './real-registry.ts'
import { type CliRun, runCliWith } from './run-cli.ts'

export type SignerKind = 'key' | 'keyless'

/** Whom a signature has to be by, in the flags of both programs. */
export interface SignerFlags {
  readonly ours: readonly string[]
  readonly cosigns: readonly string[]
}

type AnySigstore = AsyncDisposable & Pick<PrivateSigstore, 'issuer' | 'token' | 'trustedRoot'>

const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'

/** A registry, and a folder in which the built program and cosign run, both with a key in a file and the identity tokens of a Sigstore. */
export class SigstoreBench<Sigstore extends AnySigstore> implements AsyncDisposable {
  readonly sigstore: Sigstore
  readonly folder: string
  readonly #registry: RealRegistry
  readonly #running: AsyncDisposableStack

  private constructor(
    sigstore: Sigstore,
    folder: string,
    registry: RealRegistry,
    running: AsyncDisposableStack,
  ) {
    this.sigstore = sigstore
    this.folder = folder
    this.#registry = registry
    this.#running = running
  }

  /** `cosign.key`, its `cosign.pub`, an unrelated `other.pub` and `trusted_root.json` are in the folder; the Sigstore ends with the bench. */
  static async open<Sigstore extends AnySigstore>(sigstore: Sigstore): Promise<SigstoreBench<Sigstore>> {
    await using stack = new AsyncDisposableStack()
    stack.use(sigstore)
    const folder = await newFolder()
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const registry = stack.use(await startRealRegistry('distribution'))
    const bench = new SigstoreBench(sigstore, folder, registry, stack.move())
    const keys = buildKeys()
    await bench.write('cosign.key', encryptCosignKey(keys.privateKey, PASSWORD))
    await bench.write('cosign.pub', keys.publicPem)
    await bench.write('other.pub', buildKeys().publicPem)
    await bench.write('trusted_root.json', sigstore.trustedRoot)
    return bench
  }

  /** `127.0.0.1:PORT` of the registry. */
  get host(): string {
    return this.#registry.host
  }

  /** Writes a file into the folder. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text)
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8')
  }

  /** Pushes an image that nobody has signed; where it is. */
  async pushImage(name: string): Promise<string> {
    const { host } = this.#registry
    const { index } = await pushBareSample({ host, repository: name, seed: name })
    return `${host}/${name}@${index.digest}`
  }

  /** Runs cosign; what it printed. */
  cosign(...args: readonly string[]): Promise<string> {
    const secrets = { COSIGN_PASSWORD: PASSWORD, SIGSTORE_ID_TOKEN: this.sigstore.token() }
    return runCosign(this.folder, args, secrets)
  }

  /** Runs cosign as in a job of a workflow, without a key. */
  cosignInJob(job: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
    return runCosign(this.folder, args, job)
  }

  /** Runs the built program. */
  run(...args: readonly string[]): Promise<CliRun> {
    return runCliWith({ SIGSTORE_ID_TOKEN: this.sigstore.token() }, this.folder, ...args)
  }

  /** Whoever signs here. */
  signer(kind: SignerKind): SignerFlags {
    return kind === 'key' ? keyed('cosign.pub') : this.#certified(IDENTITY)
  }

  /** Somebody else, whose name begins as that of the signer. */
  stranger(kind: SignerKind): SignerFlags {
    return kind === 'key' ? keyed('other.pub') : this.#certified(`${IDENTITY}2`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running.disposeAsync()
  }

  #certified(identity: string): SignerFlags {
    const flags = ['--certificate-identity', identity, '--certificate-oidc-issuer', this.sigstore.issuer]
    return { ours: flags, cosigns: flags }
  }
}

function keyed(file: string): SignerFlags {
  return { ours: ['--public-key', file], cosigns: ['--key', file] }
}
