import type { ImageGraph } from '../graph/image-graph.ts'
import type { Demand, SignedDemand } from '../policy/policy.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { askCosign, type CosignAsk, type CosignVerifierOptions } from './ask-cosign.ts'
import { findLacking } from './find-lacking.ts'
import { type FoundSignature, findSignatures } from './found-signature.ts'
import { judgeWithCosign } from './judge-with-cosign.ts'
import { asVerdict, type Judgement, refused } from './judgement.ts'
import { needsTrustedRoot } from './needs-trusted-root.ts'
import type { SignatureVerdict, SignatureVerifier, Verdict } from './verifier.ts'

/**
 * Verifies through the cosign binary: a process for each signer, form and predicate type that is asked for. What cosign accepts is then held
 * against the demand by the same code as in the native verifier, so that nothing counts here which does not count there.
 */
export class CosignVerifier implements SignatureVerifier {
  readonly #options: CosignVerifierOptions

  constructor(options: CosignVerifierOptions) {
    this.#options = options
  }

  async verify(graph: ImageGraph, repository: SourceRepository, demand: Demand): Promise<Verdict> {
    if (demand.by === 'nobody') return { satisfied: true, signatures: [], lacking: [] }
    const found = onePerTag(findSignatures(graph, demand))
    const image = { repository: repository.name, digest: graph.root.descriptor.digest }
    const answers = await Promise.all(
      asksFor(demand, found).map((ask) => askCosign(ask, image, this.#options)),
    )
    const judgements: Judgement[] = []
    const signatures: SignatureVerdict[] = []
    for (const place of found) {
      const judged = await judgeOne(place, repository, { image: image.digest, demand, answers })
      judgements.push(...judged)
      signatures.push(...judged.map((judgement) => asVerdict(place, judgement)))
    }
    const lacking = findLacking(demand, judgements)
    const asksRoot = needsTrustedRoot(demand)
    return { satisfied: lacking.length === 0, signatures, lacking, ...(asksRoot && { asksRoot }) }
  }
}

/** cosign does not say which layer under a `.sig` tag it accepted: the manifest is judged as a whole. */
function onePerTag(found: readonly FoundSignature[]): readonly FoundSignature[] {
  const first = found.find(isUsableSig)
  return found.filter((one) => !isUsableSig(one) || one === first)
}

function isUsableSig({ place, content }: FoundSignature): boolean {
  return place === 'sig' && 'blob' in content
}

/** Only places where something is are asked about. */
function asksFor(
  { signature, attestations }: SignedDemand,
  found: readonly FoundSignature[],
): readonly CosignAsk[] {
  const places = new Set(found.flatMap(({ place, content }) => ('blob' in content ? [place] : [])))
  const ofSignatures = (signature?.signers ?? []).flatMap((signer) =>
    (['sig', 'referrer'] as const).map((place) => ({ place, signer, predicateType: undefined })),
  )
  const ofAttestations = attestations.flatMap(({ predicateType, by }) =>
    by.signers.flatMap((signer) =>
      (['att', 'referrer'] as const).map((place) => ({ place, signer, predicateType })),
    ),
  )
  return [...ofSignatures, ...ofAttestations].filter(({ place }) => places.has(place))
}

async function judgeOne(
  found: FoundSignature,
  repository: SourceRepository,
  asked: Parameters<typeof judgeWithCosign>[2],
): Promise<readonly Judgement[]> {
  if ('problem' in found.content) return [refused(found.content.problem)]
  return judgeWithCosign({ ...found, content: found.content }, repository, asked)
}
