import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { buildKeys, type KeyPair } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import { PLUGIN_KEY, writeKmsPlugin } from '../__tests__/builders/kms-plugin.ts'
import { type PrivateSigstore, startPrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { CosignProgram } from '../src/cosign/cosign-program.ts'
import type { Environment } from '../src/cosign/run-cosign.ts'
import { discoverGraph } from '../src/graph/discover-graph.ts'
import { Secret } from '../src/inputs/secret.ts'
import type { SignatureFormat } from '../src/inputs/settings.ts'
import { formatReference, type PinnedReference, parsePinnedReference } from '../src/oci/reference.ts'
import type { Demand } from '../src/policy/policy.ts'
import { exactly } from '../src/policy/text-match.ts'
import type { CertificateSigner } from '../src/policy/trusted-signer.ts'
import { RemoteRegistries } from '../src/registry/remote-registries.ts'
import { CosignSigner } from '../src/sign/cosign-signer.ts'
import type { CosignIdentity, CosignKey, CosignSigningOptions } from '../src/sign/cosign-signing.ts'
import type { ImageSigner } from '../src/sign/signer.ts'
import { planWitnesses } from '../src/sign/witness-plan.ts'
import { parseTrustedRoot } from '../src/sigstore/parse-trusted-root.ts'
import { NO_SERVICES } from '../src/sigstore/signing-services.ts'
import type { CosignVerifierOptions } from '../src/verify/ask-cosign.ts'
import { CosignVerifier } from '../src/verify/cosign-verifier.ts'
import { NativeVerifier } from '../src/verify/native-verifier.ts'
import type { SignatureForm, SignatureVerifier, Verdict } from '../src/verify/verifier.ts'
import { Cosign, PASSWORD, runCosign } from './cosign.ts'
import { newFolder } from './new-folder.ts'
import { pushBareSample } from './push-sample.ts'
import { type RealRegistry, startRealRegistry } from './real-registry.ts'
import { toolPath } from './tools.ts'

/** Whom the private Sigstore's tokens name unless a test says otherwise. */
const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'

/** The product's own use of the real cosign, with a registry, a private Sigstore and a key keeper. */
export class CosignBench implements AsyncDisposable {
  readonly folder: string
  readonly registry: RealRegistry
  readonly sigstore: PrivateSigstore
  readonly keys: KeyPair
  readonly plain: Cosign
  readonly registries = new RemoteRegistries({ credentials: [], insecure: [] })
  readonly environment: Environment
  readonly program: CosignProgram

  private constructor(folder: string, registry: RealRegistry, sigstore: PrivateSigstore) {
    this.folder = folder
    this.registry = registry
    this.sigstore = sigstore
    this.keys = buildKeys()
    this.plain = new Cosign(folder)
    this.environment = {
      PATH: [join(folder, 'plugins'), process.env.PATH].join(delimiter),
      HOME: join(folder, 'home'),
      RUNNER_TEMP: join(folder, 'temp'),
      COSIGN_REPOSITORY: 'registry.invalid/elsewhere',
      [PLUGIN_KEY]: this.keys.privatePem,
    }
    this.program = this.programWith({})
  }

  static async open(): Promise<CosignBench> {
    const folder = await newFolder()
    const [registry, sigstore] = await Promise.all([
      startRealRegistry('distribution'),
      startPrivateSigstore(),
      writeKmsPlugin(join(folder, 'plugins')),
      mkdir(join(folder, 'temp')),
    ])
    const bench = new CosignBench(folder, registry, sigstore)
    await writeFile(bench.keyFile, encryptCosignKey(bench.keys.privateKey, PASSWORD))
    await writeFile(bench.publicKeyFile, bench.keys.publicPem)
    return bench
  }

  get keyFile(): string {
    return join(this.folder, 'bench.key')
  }

  get publicKeyFile(): string {
    return join(this.folder, 'bench.pub')
  }

  /** The key in its file. */
  get key(): CosignKey {
    const { publicKey } = this.keys
    return { by: 'key', key: { path: this.keyFile }, password: new Secret(PASSWORD), publicKey }
  }

  /** The holder of the private Sigstore's tokens. */
  get identity(): CosignIdentity {
    return {
      by: 'keyless',
      fulcio: new URL(this.sigstore.fulcioUrl),
      token: async () => ({ text: this.sigstore.token(), subject: '' }),
      source: { identity: async (evidence) => ({ ...this.certified(), ...evidence }) },
    }
  }

  /** Somebody whom a certificate names, the bench's own identity unless it is changed. */
  certified(change: Partial<CertificateSigner> = {}): CertificateSigner {
    return {
      by: 'certificate',
      name: undefined,
      identity: exactly(IDENTITY),
      issuer: exactly(this.sigstore.issuer),
      workflow: {},
      transparency: 'none',
      timestamp: 'none',
      ...change,
    }
  }

  programWith(change: Environment): CosignProgram {
    return new CosignProgram({
      path: toolPath('cosign'),
      environment: { ...this.environment, ...change },
      login: () => undefined,
      insecure: () => false,
    })
  }

  get native(): SignatureVerifier {
    const { trustedRoot } = this.sigstore
    return new NativeVerifier({ trustedRoot: async () => parseTrustedRoot(trustedRoot, 'the test') })
  }

  get cosign(): SignatureVerifier {
    return this.cosignOf((command) => this.program.attempt(command))
  }

  cosignOf(run: CosignVerifierOptions['run']): SignatureVerifier {
    const { trustedRoot } = this.sigstore
    return new CosignVerifier({ run, trustedRoot: async () => trustedRoot })
  }

  /** The real cosign by itself; what it printed. */
  run(...args: readonly string[]): Promise<string> {
    return runCosign(this.folder, args, { COSIGN_PASSWORD: PASSWORD })
  }

  /** Attests to an image with a Sigstore bundle, by the real cosign itself. */
  async attest(key: string, image: PinnedReference): Promise<void> {
    const predicate = join(this.folder, 'predicate.json')
    await writeFile(predicate, '{"built":"for a test"}')
    await this.run(
      ...['attest', `--key=${key}`, '--use-signing-config=false', '--tlog-upload=false', '--yes'],
      ...['--type=custom', `--predicate=${predicate}`, formatReference(image)],
    )
  }

  async trustedRootFile(): Promise<string> {
    const path = join(this.folder, 'trusted_root.json')
    await writeFile(path, this.sigstore.trustedRoot)
    return path
  }

  /** Everything that `CosignSigner` and `CosignAttester` are made with, with the key in its file unless it is changed. */
  signing(change: Partial<CosignSigningOptions> = {}): CosignSigningOptions {
    const { trustedRoot } = this.sigstore
    return {
      cosign: this.program,
      credential: this.key,
      witnesses: planWitnesses({ by: 'key', transparency: 'none', forms: ['bundle', 'tag'] }, NO_SERVICES),
      trustedRoot: async () => trustedRoot,
      ...change,
    }
  }

  signer(change: Partial<CosignSigningOptions> = {}, format: SignatureFormat = 'both'): CosignSigner {
    const options = { annotations: { stage: 'prod' }, format, verifier: this.native } as const
    return new CosignSigner({ ...this.signing(change), ...options })
  }

  async push(name: string): Promise<PinnedReference> {
    const { host } = this.registry
    const { index } = await pushBareSample({ host, repository: name, seed: name })
    return parsePinnedReference(`${host}/${name}@${index.digest}`)
  }

  async sign(signer: ImageSigner, image: PinnedReference): Promise<readonly SignatureForm[]> {
    return Array.fromAsync(signer.sign(await this.#graph(image), this.registries.target(image.repository)))
  }

  async verdict(verifier: SignatureVerifier, image: PinnedReference, demand: Demand): Promise<Verdict> {
    return verifier.verify(await this.#graph(image), this.registries.source(image.repository), demand)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registries.close()
    await this.registry[Symbol.asyncDispose]()
    await this.sigstore.close()
    await rm(this.folder, { recursive: true, force: true })
  }

  async #graph({ repository, digest }: PinnedReference) {
    const graph = await discoverGraph(this.registries.source(repository), digest)
    assert.ok(graph)
    return graph
  }
}
