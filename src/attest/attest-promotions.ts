import pMap from 'p-map'
import { runAll } from '../concurrency.ts'
import { asPromotionError, PromotionError, throwAll } from '../errors.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { formatReference } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Registries } from '../registry/repository.ts'
import type { Claim, ImageAttester } from '../sign/signer.ts'
import type { SignatureVerifier, Verdict } from '../verify/verifier.ts'
import type { TargetFindings } from '../verify/verify-targets.ts'
import {
  formatPromotionClaim,
  isSameClaim,
  type PromotedImage,
  type PromotionFacts,
} from './promotion-claim.ts'
import { readStandingClaims } from './standing-claims.ts'

/** What became of the statement on one image at one target. */
export interface AttestOutcome {
  /** `present`: the same was attested before. `none`: nobody had to sign the image, so that there is nothing to attest to. */
  readonly statement: 'made' | 'present' | 'none' | 'failed'
  readonly error?: PromotionError
}

/** The outcomes of all images in the order of the plan, a list of targets each. */
export type AttestOutcomes = readonly (readonly AttestOutcome[])[]

/** What attesting works with. */
export interface AttestServices {
  readonly attester: ImageAttester
  readonly verifier: SignatureVerifier
  readonly registries: Registries
}

/** What was found out about the images before, in the order of the plan: at the source, and at each target. */
export interface WhatWasVerified {
  readonly verdicts: readonly Verdict[]
  readonly findings: TargetFindings
}

/** Hangs a signed verification summary on every image at every target, unless one that says the same stands there; a failure does not stop the others. */
export async function attestPromotions(
  plan: Plan,
  verified: WhatWasVerified,
  facts: PromotionFacts,
  services: AttestServices,
): Promise<AttestOutcomes> {
  const work = plan.images.map(({ image }, index) => ({
    image,
    verdict: verified.verdicts[index],
    findings: verified.findings[index] ?? [],
  }))
  return pMap(
    work,
    async ({ image, verdict, findings }) => {
      const outcomes: AttestOutcome[] = []
      for (const { repository, graph } of findings) {
        const { digest } = image.reference
        const promoted = {
          source: image.reference,
          target: { repository, digest },
          evidence: evidenceOf(verdict),
        }
        outcomes.push(await attestOne(promoted, graph, facts, services))
      }
      return outcomes
    },
    { concurrency: services.attester.atATime },
  )
}

/** Throws the errors of all images that could not be attested to, each with its place in the list. */
export function requireAttested(plan: Plan, outcomes: AttestOutcomes): void {
  throwAll(
    outcomes.flatMap((targets, index) =>
      targets.flatMap(({ error }) => (error ? [error.locatedAt(plan.images[index]?.image.location)] : [])),
    ),
  )
}

/** How many statements `attestPromotions` would make, were the copies there. */
export async function findUnattested(
  plan: Plan,
  verdicts: readonly Verdict[],
  facts: PromotionFacts,
  services: AttestServices,
): Promise<number> {
  const missing = await runAll(plan.images, async ({ image, targets }, index) => {
    const evidence = evidenceOf(verdicts[index])
    if (evidence.length === 0) return 0
    const standing = await Promise.all(
      targets.map(async ({ repository, there }) => {
        const promoted = { source: image.reference, target: { ...image.reference, repository }, evidence }
        return there !== undefined && stands(formatPromotionClaim(promoted, facts), promoted, there, services)
      }),
    )
    return standing.filter((one) => !one).length
  })
  return missing.reduce((sum, number) => sum + number, 0)
}

function evidenceOf(verdict: Verdict | undefined): PromotedImage['evidence'] {
  const counting = verdict?.signatures.filter(({ counts }) => counts) ?? []
  return [...new Set(counting.map(({ manifest }) => manifest))]
}

async function attestOne(
  promoted: PromotedImage,
  graph: ImageGraph,
  facts: PromotionFacts,
  services: AttestServices,
): Promise<AttestOutcome> {
  if (promoted.evidence.length === 0) return { statement: 'none' }
  const claim = formatPromotionClaim(promoted, facts)
  try {
    if (await stands(claim, promoted, graph, services)) return { statement: 'present' }
    const target = services.registries.target(promoted.target.repository)
    await services.attester.attest(graph.root.descriptor, claim, target)
    if (await stands(claim, promoted, graph, services)) return { statement: 'made' }
    throw new PromotionError(
      'incomplete',
      `The statement about ${formatReference(promoted.target)} is not there, or does not verify, though the registry took it`,
      { hint: 'No tag was moved. Run again, and ask the operator of the registry if it stays so.' },
    )
  } catch (thrown) {
    return { statement: 'failed', error: asPromotionError(thrown) }
  }
}

async function stands(
  { predicateType, predicate }: Claim,
  { target }: PromotedImage,
  graph: ImageGraph,
  { attester, verifier, registries }: AttestServices,
): Promise<boolean> {
  const how = { signer: await attester.identity(), predicateType, verifier }
  const standing = await readStandingClaims(graph, registries.source(target.repository), how)
  return standing.some((other) => isSameClaim(other, predicate))
}
