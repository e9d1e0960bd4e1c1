import { graphsWithin } from '../graph/graphs-within.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import type { ImageSigner } from './signer.ts'

/** Lets another signer sign every image that an index lists, and then the index: a form is missing, or written, where it is for any of them. */
export class RecursiveSigner implements ImageSigner {
  readonly annotations: Annotations
  readonly atATime: number
  readonly #signer: ImageSigner

  constructor(signer: ImageSigner) {
    this.#signer = signer
    this.annotations = signer.annotations
    this.atATime = signer.atATime
  }

  identity(): Promise<TrustedSigner> {
    return this.#signer.identity()
  }

  async missing(
    graph: ImageGraph,
    repository: SourceRepository,
    signedName?: RepositoryName,
  ): Promise<readonly SignatureForm[]> {
    const parts = graphsWithin(graph).map((part) => this.#signer.missing(part, repository, signedName))
    return [...new Set((await Promise.all(parts)).flat())]
  }

  async *sign(
    graph: ImageGraph,
    repository: TargetRepository,
    signedName?: RepositoryName,
  ): AsyncGenerator<SignatureForm> {
    const written = new Set<SignatureForm>()
    for (const part of graphsWithin(graph)) {
      for await (const form of this.#signer.sign(part, repository, signedName)) {
        if (!written.has(form)) yield form
        written.add(form)
      }
    }
  }
}
