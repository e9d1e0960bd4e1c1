import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { buildKeys } from '../__tests__/builders/build-keys.ts'
import { discoverGraph } from '../src/graph/discover-graph.ts'
import type { Annotations } from '../src/oci/descriptor.ts'
import { parsePinnedReference } from '../src/oci/reference.ts'
import { HttpClient } from '../src/registry/http.ts'
import { RemoteRegistries } from '../src/registry/remote-registries.ts'
import { NativeSigner } from '../src/sign/native-signer.ts'
import type { SignatureMaker } from '../src/sign/signature-maker.ts'
import { NativeVerifier } from '../src/verify/native-verifier.ts'
import type { SignatureForm } from '../src/verify/verifier.ts'
import { runCosign } from './cosign.ts'
import { newFolder } from './new-folder.ts'
import { pushBareSample } from './push-sample.ts'
import { type RealRegistry, startRealRegistry } from './real-registry.ts'

/** Key pairs whose public halves are files that cosign reads, by their names. */
export const BENCH_KEYS = { ec: buildKeys('ec'), rsa: buildKeys('rsa') }

const TRUSTED_ROOT = 'trusted_root.json'
const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'

/** A registry in which images are signed natively and verified by cosign, both with one trusted root. */
export class NativeBench implements AsyncDisposable {
  readonly http = new HttpClient()
  readonly #folder: string
  readonly #registry: RealRegistry
  readonly #registries = new RemoteRegistries({ credentials: [], insecure: [] })
  readonly #verifier: NativeVerifier

  private constructor(folder: string, registry: RealRegistry, trustedRoot: string) {
    this.#folder = folder
    this.#registry = registry
    const root = TrustedRoot.fromJSON(JSON.parse(trustedRoot))
    this.#verifier = new NativeVerifier({ trustedRoot: async () => root })
  }

  static async open(trustedRoot: string): Promise<NativeBench> {
    const folder = await newFolder()
    await writeFile(join(folder, TRUSTED_ROOT), trustedRoot)
    for (const [name, { publicPem }] of Object.entries(BENCH_KEYS)) {
      await writeFile(join(folder, `${name}.pub`), publicPem)
    }
    return new NativeBench(folder, await startRealRegistry('distribution'), trustedRoot)
  }

  /** Pushes an image that nobody has signed. */
  async pushImage(name: string) {
    const { host } = this.#registry
    const { index } = await pushBareSample({ host, repository: name, seed: name })
    return `${host}/${name}@${index.digest}`
  }

  /** What is known of an image now, and where it is. */
  async find(image: string) {
    const { repository, digest } = parsePinnedReference(image)
    const target = this.#registries.target(repository)
    const graph = await discoverGraph(target, digest)
    assert.ok(graph)
    return { graph, target }
  }

  /** Signs in one form; fails unless that was written, and a second time nothing. */
  async sign(image: string, maker: SignatureMaker, form: SignatureForm, annotations: Annotations = {}) {
    const signer = new NativeSigner({ maker, annotations, format: form, verifier: this.#verifier })
    for (const expected of [[form], []]) {
      const { graph, target } = await this.find(image)
      assert.deepEqual(await Array.fromAsync(signer.sign(graph, target)), expected)
    }
  }

  /** Runs a command of cosign's that verifies; what it printed. */
  verify(command: 'verify' | 'verify-attestation', ...args: readonly string[]): Promise<string> {
    return runCosign(this.#folder, [command, '--trusted-root', TRUSTED_ROOT, ...args])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.http.close(), this.#registries.close()])
    await this.#registry[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** How cosign is told whose signature it has to be: a key of the bench, or the workflow of the private issuer. */
export function signedBy(credential: 'ec' | 'rsa' | 'keyless', issuer: string): readonly string[] {
  return credential === 'keyless'
    ? ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', issuer]
    : ['--key', `${credential}.pub`]
}
