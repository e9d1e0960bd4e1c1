import type { TrustedRoot } from '@sigstore/protobuf-specs'
import type { TrustMaterial } from '@sigstore/verify'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { Demand } from '../policy/policy.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { findLacking } from './find-lacking.ts'
import { findSignatures } from './found-signature.ts'
import { asVerdict, type Judgement } from './judgement.ts'
import { needsTrustedRoot } from './needs-trusted-root.ts'
import type { SignatureVerdict, SignatureVerifier, Verdict } from './verifier.ts'

/** What a native verifier works with. */
export interface NativeVerifierOptions {
  /** Asked once, and only for a demand that cannot be judged without it. */
  readonly trustedRoot: () => Promise<TrustedRoot>
}

/**
 * Verifies signatures in both forms and attestations in process, and asks nobody but the repository. It is the authority on what counts,
 * whoever signed: cosign verify takes an attestation for a signature, and lets a foreign bundle hide a valid `.sig`.
 */
export class NativeVerifier implements SignatureVerifier {
  readonly #options: NativeVerifierOptions
  #trust: Promise<TrustMaterial> | undefined

  constructor(options: NativeVerifierOptions) {
    this.#options = options
  }

  async verify(graph: ImageGraph, repository: SourceRepository, demand: Demand): Promise<Verdict> {
    if (demand.by === 'nobody') return { satisfied: true, signatures: [], lacking: [] }
    const found = findSignatures(graph, demand)
    const judgements: Judgement[] = []
    const signatures: SignatureVerdict[] = []
    const { judgeFound, makeTrust } = await loadJudges()
    const asksRoot = needsTrustedRoot(demand)
    const trust = found.length > 0 && asksRoot ? await this.#trustedRoot() : makeTrust(undefined)
    for (const place of found) {
      const judged = await judgeFound(place, repository, {
        image: graph.root.descriptor.digest,
        demand,
        trust,
      })
      judgements.push(...judged)
      signatures.push(...judged.map((judgement) => asVerdict(place, judgement)))
    }
    const lacking = findLacking(demand, judgements)
    return { satisfied: lacking.length === 0, signatures, lacking, ...(asksRoot && { asksRoot }) }
  }

  #trustedRoot(): Promise<TrustMaterial> {
    this.#trust ??= Promise.all([this.#options.trustedRoot(), loadJudges()]).then(([root, { makeTrust }]) =>
      makeTrust(root),
    )
    return this.#trust
  }
}

/** Loads Sigstore's code, which a run that verifies nothing starts without; whoever is going to verify calls it early. */
export async function loadJudges() {
  const [{ judgeFound }, { makeTrust }] = await Promise.all([
    import('./judge-found.ts'),
    import('./make-trust.ts'),
  ])
  return { judgeFound, makeTrust }
}
