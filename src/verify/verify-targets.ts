import pMap from 'p-map'
import { pause, runAll } from '../concurrency.ts'
import { PromotionError, throwAll } from '../errors.ts'
import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import { discoverCopy } from '../graph/discover-copy.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { type InventoryEntry, lostAt } from '../graph/inventory.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { formatReference, type RepositoryName, sameRepository } from '../oci/reference.ts'
import type { Plan, PlannedImage } from '../plan/plan.ts'
import type { Registries, SourceRepository } from '../registry/repository.ts'
import type { VerificationPolicy } from './policy.ts'
import type { SignatureVerifier, Verdict } from './verifier.ts'
import { unsatisfied } from './verify-images.ts'

/** What one target holds of one image after the copy, read anew from the registry. */
export interface TargetFinding {
  readonly repository: RepositoryName
  readonly graph: ImageGraph
  /** What the source has and the target lacks. */
  readonly lost: readonly InventoryEntry[]
  /** Blobs that were sent and are not there. */
  readonly lostBlobs: readonly Descriptor[]
  readonly verdict: Verdict
}

/** The findings of all images in the order of the plan, a list of targets each. */
export type TargetFindings = readonly (readonly TargetFinding[])[]

/** How many blobs of one image are asked for at a time. */
const QUESTIONS = 8
/** Some registries list a new referrer only seconds after they took it; milliseconds before each further look. */
const PATIENCE: readonly number[] = [500, 1000, 2000, 4000]

/** What reading back works with; the signal ends its waits. */
export interface TargetServices {
  readonly verifier: SignatureVerifier
  readonly registries: Registries
  readonly signal: AbortSignal
}

/** Reads every image back from every target, by digest: is all there, and does it satisfy the policy there? */
export function verifyTargets(
  plan: Plan,
  policy: VerificationPolicy,
  { verifier, registries, signal }: TargetServices,
  concurrency: number,
): Promise<TargetFindings> {
  return runAll(plan.images, concurrency, (image) =>
    Promise.all(
      image.targets.map(async ({ repository: name }) => {
        const repository = registries.source(name)
        const { graph, lost } = await readBack(image, repository, signal)
        return {
          repository: name,
          graph,
          lost,
          lostBlobs: await missingBlobs(plan, image, repository),
          verdict: await verifier.verify(graph, repository, policy),
        }
      }),
    ),
  )
}

/** Throws a PromotionError for each image that is not whole or not proven at some target. */
export function requireProven(plan: Plan, findings: TargetFindings): void {
  throwAll(
    plan.images.flatMap((image, index) =>
      (findings[index] ?? []).flatMap((finding) => {
        const error = problemOf(image, finding)
        return error === undefined ? [] : [error.locatedAt(image.image.location)]
      }),
    ),
  )
}

function problemOf(
  { graph }: PlannedImage,
  { repository, lost, lostBlobs, verdict }: TargetFinding,
): PromotionError | undefined {
  const reference = { repository, digest: graph.root.descriptor.digest }
  const missing = [
    ...lost.map(({ kind, digest, subject }) => `${kind} ${digest} of ${subject}`),
    ...lostBlobs.map(({ digest }) => `blob ${digest}`),
  ]
  if (missing.length > 0) {
    return new PromotionError(
      'incomplete',
      `${formatReference(reference)} is not whole at the target: ${missing.join(', ')} is missing`,
      {
        hint: 'The registry took it and does not give it back; no tag was moved. Run again, and ask its operator if it stays so.',
      },
    )
  }
  return verdict.satisfied ? undefined : unsatisfied(reference, verdict)
}

async function readBack(
  image: PlannedImage,
  repository: SourceRepository,
  signal: AbortSignal,
): Promise<{ readonly graph: ImageGraph; readonly lost: readonly InventoryEntry[] }> {
  for (const wait of [...PATIENCE, undefined]) {
    const graph = await discoverCopy(repository, image.graph)
    if (graph === undefined) throw notThere(image, repository)
    const lost = lostAt(graph, image.graph)
    if (lost.length === 0 || wait === undefined || lost.some(({ kind }) => kind !== 'referrer'))
      return { graph, lost }
    await pause(wait, signal)
  }
  throw new PromotionError('internal', 'the list of waits ended without a last look')
}

function notThere({ graph }: PlannedImage, { name }: SourceRepository): PromotionError {
  const reference = formatReference({ repository: name, digest: graph.root.descriptor.digest })
  return new PromotionError('incomplete', `${reference} is not there (404), though the registry took it`, {
    hint: 'No tag was moved. Run again, and ask the operator of the registry if it stays so.',
  })
}

/** Blobs that this plan brought here and that are not there now; what was there before was seen by the plan. */
async function missingBlobs(
  plan: Plan,
  { graph }: PlannedImage,
  repository: SourceRepository,
): Promise<readonly Descriptor[]> {
  const digests = new Set(blobsOfGraph(graph).map(({ digest }) => digest))
  const brought = plan.blobs
    .filter(({ blob }) => digests.has(blob.digest))
    .filter(({ targets }) => targets.some((target) => sameRepository(target.repository, repository.name)))
  const there = await pMap(brought, ({ blob }) => repository.hasBlob(blob), { concurrency: QUESTIONS })
  return brought.filter((_, index) => !there[index]).map(({ blob }) => blob)
}
