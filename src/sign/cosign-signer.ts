import type { KeyObject } from 'node:crypto'
import { type Environment, runCosign } from '../cosign/run-cosign.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { Secret } from '../inputs/secret.ts'
import type { KeySource, SignatureFormat } from '../inputs/settings.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import { keySigner } from '../policy/make-demand.ts'
import type { KeySigner } from '../policy/trusted-signer.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { SignatureForm, SignatureVerifier } from '../verify/verifier.ts'
import { type Login, withDockerConfig } from './docker-config.ts'
import { missingForms } from './missing-forms.ts'
import type { ImageSigner } from './signer.ts'

/** What cosign is run with. */
export interface CosignSignerOptions {
  /** The binary, already tried. */
  readonly path: string
  readonly key: KeySource
  readonly password: Secret
  readonly publicKey: KeyObject
  readonly annotations: Annotations
  readonly format: SignatureFormat
  readonly verifier: SignatureVerifier
  readonly environment: Environment
  /** Credentials that this run was given itself, if any match; without them cosign looks into the user's docker config. */
  readonly login: (repository: RepositoryName) => Login | undefined
  /** Whether plain HTTP may be spoken to the host. */
  readonly insecure: (registry: string) => boolean
}

const KEY_VARIABLE = 'SIGNED_PROMOTE_KEY'

/** Without these, cosign would fetch Sigstore's trust root even to sign with a key. */
const OFFLINE = ['--use-signing-config=false', '--tlog-upload=false', '--yes']

/** Signs through the cosign binary: one process an image and form, because the first image of a command decides the form of all. */
export class CosignSigner implements ImageSigner {
  readonly annotations: Annotations
  /** Each is a process that keeps a processor busy. */
  readonly atATime = 4
  readonly #options: CosignSignerOptions
  readonly #signer: KeySigner

  constructor(options: CosignSignerOptions) {
    this.#signer = keySigner(options.publicKey)
    this.annotations = options.annotations
    this.#options = options
  }

  async identity(): Promise<KeySigner> {
    return this.#signer
  }

  missing(graph: ImageGraph, repository: SourceRepository): Promise<readonly SignatureForm[]> {
    const { annotations, format, verifier } = this.#options
    return missingForms({ signer: this.#signer, annotations, format, verifier }, graph, repository)
  }

  async *sign(graph: ImageGraph, repository: TargetRepository): AsyncGenerator<SignatureForm> {
    const forms = await this.missing(graph, repository)
    const image = formatReference({ repository: repository.name, digest: graph.root.descriptor.digest })
    for (const form of forms) {
      await this.#run(form, image, repository.name)
      yield form
    }
  }

  async #run(form: SignatureForm, image: string, name: RepositoryName): Promise<void> {
    const { path, environment, login } = this.#options
    const args = [...this.#arguments(form, name.registry), image]
    await withDockerConfig(name.registry, login(name), async (config) => {
      const own = { ...this.#secrets(), ...(config !== undefined && { DOCKER_CONFIG: config }) }
      await runCosign(path, args, { environment, own })
    })
  }

  #arguments(form: SignatureForm, registry: string): readonly string[] {
    const { key, annotations, insecure } = this.#options
    return [
      'sign',
      ...OFFLINE,
      `--new-bundle-format=${form === 'bundle'}`,
      `--key=${'path' in key ? key.path : `env://${KEY_VARIABLE}`}`,
      ...Object.entries(annotations).map(
        ([name, value]) => `--annotations=${asCsvField(`${name}=${value}`)}`,
      ),
      ...(insecure(registry) ? ['--allow-http-registry'] : []),
    ]
  }

  #secrets(): Readonly<Record<string, string>> {
    const { key, password } = this.#options
    const text = 'path' in key ? {} : { [KEY_VARIABLE]: key.text.reveal() }
    return { COSIGN_PASSWORD: password.reveal(), ...text }
  }
}

/** cosign reads the flag as a line of CSV (RFC 4180): a comma in a value would otherwise begin another annotation. */
function asCsvField(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
