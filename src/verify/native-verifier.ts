import { PromotionError } from '../errors.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { Digest } from '../oci/digest.ts'
import type { Demand, SignedDemand } from '../policy/policy.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { type FoundSignature, findSignatures, SIGNATURE_LIMIT } from './found-signature.ts'
import { type Judgement, refused } from './judgement.ts'
import type { KeyDemand } from './key-demand.ts'
import type { SignatureVerdict, SignatureVerifier, Verdict } from './verifier.ts'

/**
 * Verifies both forms of signatures in process, and asks nobody but the repository. It is the authority on what counts, whoever signed:
 * cosign verify takes an attestation for a signature, and lets a foreign bundle hide a valid `.sig`.
 */
export class NativeVerifier implements SignatureVerifier {
  async verify(graph: ImageGraph, repository: SourceRepository, demand: Demand): Promise<Verdict> {
    if (demand.by === 'nobody') return { satisfied: true, signatures: [], lacking: [] }
    const policy = keyDemand(demand)
    const image = graph.root.descriptor.digest
    const signatures: SignatureVerdict[] = []
    for (const found of findSignatures(graph)) {
      const judgement = await judge(found, image, repository, policy)
      signatures.push({
        form: found.form,
        manifest: found.manifest,
        predicateType: undefined,
        signers: [],
        ...judgement,
      })
    }
    const satisfied = signatures.some((signature) => signature.counts)
    return { satisfied, signatures, lacking: satisfied ? [] : ['no signature that counts'] }
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
  policy: KeyDemand,
): Promise<Judgement> {
  if ('problem' in content) return refused(content.problem)
  const bytes = await repository.readBlob(content.blob, SIGNATURE_LIMIT)
  const { judgeBundle, judgeLayer } = await loadJudges()
  if (form === 'bundle') return judgeBundle(bytes, image, policy)
  return judgeLayer(bytes, content.annotations, image, policy)
}

function keyDemand({ signature, requireAnnotations }: SignedDemand): KeyDemand {
  const [signer] = signature?.signers ?? []
  if (signer?.by !== 'key') throw new PromotionError('internal', 'only keys can be verified with yet')
  return { publicKey: signer.publicKey, requireAnnotations }
}
