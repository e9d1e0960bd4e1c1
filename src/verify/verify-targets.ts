import { pause, runAll } from '../concurrency.ts'
import type { CopyOutcome, CopyOutcomes } from '../copy/outcome.ts'
import { PromotionError, throwAll } from '../errors.ts'
import { attachedToRoot } from '../graph/attached-to-root.ts'
import { completeCopy, subjectsOf } from '../graph/complete-copy.ts'
import { discoverGraph } from '../graph/discover-graph.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { type InventoryEntry, lostAt } from '../graph/inventory.ts'
import type { Known } from '../graph/known.ts'
import { missingSignatures } from '../oci/atomic-signature.ts'
import { attachedTag, fallbackTag } from '../oci/attached-tag.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import type { Plan, PlannedImage, PlannedTarget } from '../plan/plan.ts'
import { demandAt } from '../policy/demand-at.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import type { Registries, SourceRepository } from '../registry/repository.ts'
import type { SignatureVerifier, Verdict } from './verifier.ts'
import { unsatisfied } from './verify-images.ts'

/** What one target holds of one image after the copy, as it was read from the registry after the last write to it. */
export interface TargetFinding {
  readonly repository: RepositoryName
  readonly graph: ImageGraph
  /** What the source has and the target lacks. */
  readonly lost: readonly InventoryEntry[]
  readonly verdict: Verdict
}

/** The findings of all images in the order of the plan, a list of targets each. */
export type TargetFindings = readonly (readonly TargetFinding[])[]

/** Some registries list a new referrer only seconds after they took it; milliseconds before each further look. */
const PATIENCE: readonly number[] = [500, 1000, 2000, 4000]

/** What reading back works with; the signal ends its waits. */
export interface TargetServices {
  readonly verifier: SignatureVerifier
  readonly registries: Registries
  readonly signal: AbortSignal
}

/** What the run knows by now, in the order of the plan: what copying did, and how the images were judged at the source. */
export interface SoFar {
  readonly copied: CopyOutcomes
  readonly verdicts: readonly Verdict[]
}

/** Looks at every image in every target, by digest: is all there, and does it satisfy the policy there? */
export function verifyTargets(
  plan: Plan,
  { copied, verdicts }: SoFar,
  policy: VerificationPolicy,
  services: TargetServices,
): Promise<TargetFindings> {
  return runAll(plan.images, async (image, index) => {
    // What is demanded of an image goes by where it comes from, and is demanded of each copy of it.
    const demand = demandAt(policy, image.image.reference)
    return Promise.all(
      image.targets.map(async (target, at) => {
        const repository = services.registries.source(target.repository)
        const { graph, lost } = await lookAt(image, target, copied[index]?.[at], services)
        const known =
          isUnchanged(target) && attachedToRoot(graph) === attachedToRoot(image.graph)
            ? verdicts[index]
            : undefined
        const verdict = known ?? (await services.verifier.verify(graph, repository, demand))
        return { repository: target.repository, graph, lost, verdict }
      }),
    )
  })
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
  { repository, lost, verdict }: TargetFinding,
): PromotionError | undefined {
  const reference = { repository, digest: graph.root.descriptor.digest }
  const missing = lost.map(({ kind, digest, subject }) => `${kind} ${digest} of ${subject}`)
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

/** An image at a target and what it lacks there. */
type Looked = Pick<TargetFinding, 'graph' | 'lost'>

/** Where nothing was written, the plan has read the target already; otherwise it is read back, except for what copying has read back. */
async function lookAt(
  image: PlannedImage,
  target: PlannedTarget,
  copied: CopyOutcome | undefined,
  { registries, signal }: TargetServices,
): Promise<Looked> {
  if (target.there !== undefined && isUnchanged(target)) {
    return { graph: target.there, lost: lostAt(target.there, image.graph) }
  }
  const repository = registries.source(target.repository)
  const wanted = wantedNow(image.graph, copied)
  const known = knownAfter(wanted, copied)
  const found = await readBack(wanted, repository, known)
  for (const wait of PATIENCE) {
    if (!found.lost.some(({ kind }) => kind === 'referrer')) return found
    await pause(wait, signal)
    const again = await readBack(wanted, repository, known)
    if (again.lost.length === 0) return again
  }
  return found
}

function isUnchanged({ manifests, attachedTags, referrers, atomic }: PlannedTarget): boolean {
  return manifests.length + attachedTags.length + referrers.length + (atomic?.missing.length ?? 0) === 0
}

/** All that the source has, but for what can only be written once a tag leads to it: that is read back then. */
function wantedNow(source: ImageGraph, copied: CopyOutcome | undefined): ImageGraph {
  const waiting = copied?.atomic?.waiting ?? []
  return waiting.length === 0
    ? source
    : { ...source, atomic: missingSignatures(source.atomic ?? [], waiting) }
}

/** Looks for what has to be there and for nothing else: what others have attached to the image at the target is not in question. */
function knownAfter(graph: ImageGraph, copied: CopyOutcome | undefined): Known {
  const tags = graph.attached.map(({ kind, subject }) =>
    kind === 'referrer' ? fallbackTag(subject) : attachedTag(subject, kind),
  )
  return {
    tags: new Set(tags),
    subjects: subjectsOf(graph),
    ...(copied && { manifests: copied.proven, tagged: copied.tagged }),
  }
}

async function readBack(source: ImageGraph, repository: SourceRepository, known: Known): Promise<Looked> {
  const copy = await discoverGraph(repository, source.root.descriptor.digest, known)
  if (copy === undefined) throw notThere(source, repository)
  const graph = await completeCopy(copy, source, repository, known)
  return { graph, lost: lostAt(graph, source) }
}

function notThere({ root }: ImageGraph, { name }: SourceRepository): PromotionError {
  const reference = formatReference({ repository: name, digest: root.descriptor.digest })
  return new PromotionError('incomplete', `${reference} is not there (404), though the registry took it`, {
    hint: 'No tag was moved. Run again, and ask the operator of the registry if it stays so.',
  })
}
