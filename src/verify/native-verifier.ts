import type { ImageGraph } from '../graph/image-graph.ts'
import type { Digest } from '../oci/digest.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { type FoundSignature, findSignatures, SIGNATURE_LIMIT } from './found-signature.ts'
import { type Judgement, refused } from './judgement.ts'
import type { KeyPolicy, VerificationPolicy } from './policy.ts'
import type { SignatureVerdict, SignatureVerifier, Verdict } from './verifier.ts'

/**
 * Verifies both forms of signatures in process, and asks nobody but the repository. It is the authority on what counts, whoever signed:
 * cosign verify takes an attestation for a signature, and lets a foreign bundle hide a valid `.sig`.
 */
export class NativeVerifier implements SignatureVerifier {
  async verify(
    graph: ImageGraph,
    repository: SourceRepository,
    policy: VerificationPolicy,
  ): Promise<Verdict> {
    if (policy.by === 'nobody') return { satisfied: true, signatures: [] }
    const image = graph.root.descriptor.digest
    const signatures: SignatureVerdict[] = []
    for (const found of findSignatures(graph)) {
      const judgement = await judge(found, image, repository, policy)
      signatures.push({ form: found.form, manifest: found.manifest, ...judgement })
    }
    return { satisfied: signatures.some((signature) => signature.counts), signatures }
  }
}

/** Loads Sigstore's code, which a run that verifies nothing starts without; whoever is going to verify calls it early. */
export async function loadJudges() {
  const [bundle, layer] = await Promise.all([import('./judge-bundle.ts'), import('./judge-layer.ts')])
  return { judgeBundle: bundle.judgeBundle, judgeLayer: layer.judgeLayer }
}

async function judge(
  { form, content }: FoundSignature,
  image: Digest,
  repository: SourceRepository,
  policy: KeyPolicy,
): Promise<Judgement> {
  if ('problem' in content) return refused(content.problem)
  const bytes = await repository.readBlob(content.blob, SIGNATURE_LIMIT)
  const { judgeBundle, judgeLayer } = await loadJudges()
  if (form === 'bundle') return judgeBundle(bytes, image, policy)
  return judgeLayer(bytes, content.annotations, image, policy)
}
