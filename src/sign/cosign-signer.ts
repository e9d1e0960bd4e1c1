import { COSIGNS_AT_A_TIME } from '../cosign/cosign-program.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { SignatureFormat } from '../inputs/settings.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { SignatureForm, SignatureVerifier } from '../verify/verifier.ts'
import { CosignSigning, type CosignSigningOptions } from './cosign-signing.ts'
import { missingForms } from './missing-forms.ts'
import type { ImageSigner } from './signer.ts'

/** What a signer works with that is the cosign binary. */
export interface CosignSignerOptions extends CosignSigningOptions {
  readonly annotations: Annotations
  readonly format: SignatureFormat
  readonly verifier: SignatureVerifier
}

/** Signs through the cosign binary: one process an image and form, because the first image of a command decides the form of all. */
export class CosignSigner implements ImageSigner {
  readonly annotations: Annotations
  readonly atATime = COSIGNS_AT_A_TIME
  readonly #options: CosignSignerOptions
  readonly #signing: CosignSigning

  constructor(options: CosignSignerOptions) {
    this.annotations = options.annotations
    this.#options = options
    this.#signing = new CosignSigning(options)
  }

  identity(): Promise<TrustedSigner> {
    return this.#signing.identity()
  }

  missing(
    graph: ImageGraph,
    repository: SourceRepository,
    signedName?: RepositoryName,
  ): Promise<readonly SignatureForm[]> {
    return missingForms(this, { ...this.#options, signedName }, graph, repository)
  }

  async *sign(
    graph: ImageGraph,
    repository: TargetRepository,
    signedName?: RepositoryName,
  ): AsyncGenerator<SignatureForm> {
    const flags = Object.entries(this.annotations).map(
      ([name, value]) => `--annotations=${asCsvField(`${name}=${value}`)}`,
    )
    for (const form of await this.missing(graph, repository, signedName)) {
      const named = form === 'tag' && signedName !== undefined ? [nameFlag(signedName)] : []
      const work = { name: 'sign', form, flags: [...flags, ...named] } as const
      await this.#signing.run(work, graph.root.descriptor.digest, repository)
      yield form
    }
  }
}

/** Left out, cosign names the repository that the image is in. */
function nameFlag(name: RepositoryName): string {
  return `--sign-container-identity=${formatRepository(name)}`
}

/** cosign reads the flag as a line of CSV (RFC 4180): a comma in a value would otherwise begin another annotation. */
function asCsvField(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
