import type { ImageGraph } from '../graph/image-graph.ts'
import type { SignatureFormat } from '../inputs/settings.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { signedBy } from '../policy/make-demand.ts'
import type { SourceRepository } from '../registry/repository.ts'
import type { SignatureForm, SignatureVerdict, SignatureVerifier } from '../verify/verifier.ts'
import { formsOf } from './forms-of.ts'
import type { ImageSigner } from './signer.ts'

/** What is looked for. */
export interface WantedForms {
  readonly format: SignatureFormat
  /** What a signature under the tag has to call the image; undefined: whatever it does. */
  readonly signedName: RepositoryName | undefined
  /** Knows which signatures stand already. */
  readonly verifier: SignatureVerifier
}

/** The forms in which no valid signature by this signer with exactly its annotations stands yet. */
export async function missingForms(
  signer: Pick<ImageSigner, 'identity' | 'annotations'>,
  { format, verifier, signedName }: WantedForms,
  graph: ImageGraph,
  repository: SourceRepository,
): Promise<readonly SignatureForm[]> {
  const { annotations } = signer
  const demand = signedBy(await signer.identity(), annotations)
  const { signatures } = await verifier.verify(graph, repository, demand)
  const same = signatures.filter(
    // What is required is there already, so that equal numbers mean equal annotations.
    (signature) =>
      signature.counts &&
      sizeOf(signature.annotations) === sizeOf(annotations) &&
      isNamed(signature, signedName),
  )
  return formsOf(format).filter((form) => !same.some((signature) => signature.form === form))
}

/** A bundle calls the image by its digest alone. */
function isNamed({ form, signedName }: SignatureVerdict, wanted: RepositoryName | undefined): boolean {
  return form === 'bundle' || wanted === undefined || signedName === formatRepository(wanted)
}

function sizeOf(annotations: Annotations): number {
  return Object.keys(annotations).length
}
