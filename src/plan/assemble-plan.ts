import { PromotionError } from '../errors.ts'
import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { AttachedArtifact, ImageGraph } from '../graph/image-graph.ts'
import type { Settings } from '../inputs/settings.ts'
import { missingSignatures } from '../oci/atomic-signature.ts'
import { attachedTag } from '../oci/attached-tag.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { childrenOf, type Manifest } from '../oci/manifest.ts'
import { formatReference, formatRepository, type RepositoryName } from '../oci/reference.ts'
import { mergeableLayers } from '../oci/signature-manifest.ts'
import { assembleTransfers } from './assemble-transfers.ts'
import { findClashes } from './find-clashes.ts'
import type { HeldBlobs } from './held-blobs.ts'
import type { LookedAtImage } from './look-at-image.ts'
import { hasManifest, type TargetState } from './look-at-target.ts'
import type { Amount, AttachedTagChange, Plan, PlannedTarget, RefusedTag, TagChange } from './plan.ts'
import { sum } from './sum.ts'

/** What was decided, and what speaks against applying it. */
export interface AssembledPlan {
  readonly plan: Plan
  readonly problems: readonly PromotionError[]
}

/** Decides everything from what was seen; asks nobody. What must not happen comes back as problems, each with its place. */
export function assemblePlan(
  images: readonly LookedAtImage[],
  held: HeldBlobs,
  { existingTags }: Pick<Settings, 'existingTags'>,
): AssembledPlan {
  const problems: PromotionError[] = []
  const planned = images.map(({ image, graph, tags, targets }) => ({
    image,
    graph,
    targets: targets.map(({ repository, state }) => {
      const target = assembleTarget(graph, { repository, state, held }, { tags, existingTags })
      problems.push(...target.problems.map((problem) => problem.locatedAt(image.location)))
      return target.planned
    }),
  }))
  problems.push(...findClashes(images))
  return { plan: { images: planned, blobs: assembleTransfers(images, held) }, problems }
}

/** One target as it was seen. */
interface Seen {
  readonly repository: RepositoryName
  readonly state: TargetState
  readonly held: HeldBlobs
}

interface TagRules extends Pick<Settings, 'existingTags'> {
  readonly tags: readonly string[]
}

function assembleTarget(
  graph: ImageGraph,
  { repository, state, held }: Seen,
  rules: TagRules,
): { readonly planned: PlannedTarget; readonly problems: readonly PromotionError[] } {
  const problems: PromotionError[] = []
  const byTagOnly = new Set<Digest>()
  const inIndexes = new Set([...graph.manifests.values()].flatMap(childrenOf))
  const attachedThere = attachedAt(state)
  const attachedTags = graph.attached.flatMap((artifact) => {
    const change = attachedTagChange(artifact, attachedThere, repository)
    if (change instanceof PromotionError) problems.push(change)
    else if (change !== undefined) {
      const { digest } = artifact.manifest.descriptor
      // Pushing by tag makes a manifest available by its digest as well, but later than an index that lists it needs it.
      if (change.action === 'create' && !inIndexes.has(digest)) byTagOnly.add(digest)
      return [change]
    }
    return []
  })
  const wanted = rules.tags.map((tag) => tagChange(tag, graph.root, state))
  const refused =
    rules.existingTags === 'refuse' ? wanted.flatMap((tag) => (tag.action === 'move' ? [tag] : [])) : []
  problems.push(...refused.map((tag) => existingTag(repository, tag, graph.root.descriptor.digest)))
  const manifests = [...graph.manifests.values()]
  const isThere = ({ digest }: Descriptor) => hasManifest(state, digest)
  const isHeld = (blob: Descriptor) => held.has(repository, blob)
  return {
    planned: {
      repository,
      there: state.graph,
      manifests: manifests.filter(
        ({ descriptor }) => !isThere(descriptor) && !byTagOnly.has(descriptor.digest),
      ),
      attachedTags,
      referrers: missingReferrers(graph, state),
      ...atomicChange(graph, state),
      tags: refused.length === 0 ? wanted : wanted.filter(({ action }) => action !== 'move'),
      ...(refused.length > 0 && { refusedTags: refused.map(({ tag, previous }) => ({ tag, previous })) }),
      present: amountOf(graph, isThere, isHeld),
      missing: amountOf(
        graph,
        (manifest) => !isThere(manifest),
        (blob) => !isHeld(blob),
      ),
    },
    problems,
  }
}

type Test = (content: Descriptor) => boolean

function amountOf(graph: ImageGraph, isManifest: Test, isBlob: Test): Amount {
  const manifests = [...graph.manifests.values()].map(({ descriptor }) => descriptor).filter(isManifest)
  const blobs = blobsOfGraph(graph).filter(isBlob)
  const bytes = sum([...manifests, ...blobs].map(({ size }) => size))
  return { manifests: manifests.length, blobs: blobs.length, bytes }
}

function missingReferrers(graph: ImageGraph, state: TargetState): readonly Manifest[] {
  const attached = state.graph?.attached.filter(({ kind }) => kind === 'referrer') ?? []
  const listed = new Set(attached.map(({ manifest }) => manifest.descriptor.digest))
  return graph.attached
    .filter(({ kind, manifest }) => kind === 'referrer' && !listed.has(manifest.descriptor.digest))
    .map(({ manifest }) => manifest)
}

function atomicChange({ atomic = [] }: ImageGraph, state: TargetState): Pick<PlannedTarget, 'atomic'> {
  if (atomic.length === 0) return {}
  if (!state.keepsAtomic) return { atomic: { missing: [], leftBehind: atomic } }
  return { atomic: { missing: missingSignatures(atomic, state.graph?.atomic ?? []), leftBehind: [] } }
}

/** What stands under the `.sig`, `.att` and `.sbom` tags of a target. */
function attachedAt({ graph }: TargetState): ReadonlyMap<string, Manifest> {
  return new Map(
    graph?.attached.flatMap(({ kind, subject, manifest }) =>
      kind === 'referrer' ? [] : [[attachedTag(subject, kind), manifest]],
    ),
  )
}

/** What has to be done for a `.sig`, `.att` or `.sbom` tag: nothing, make it, merge it, or refuse because it cannot be merged. */
function attachedTagChange(
  artifact: AttachedArtifact,
  there: ReadonlyMap<string, Manifest>,
  repository: RepositoryName,
): AttachedTagChange | PromotionError | undefined {
  const { kind, subject, manifest } = artifact
  if (kind === 'referrer') return undefined
  const tag = attachedTag(subject, kind)
  const current = there.get(tag)
  if (current === undefined) return { tag, artifact, action: 'create' }
  if (current.descriptor.digest === manifest.descriptor.digest) return undefined
  const missing = mergeableLayers(kind, current, manifest)
  if (missing === undefined) return unmergeable(repository, tag)
  return missing.length === 0 ? undefined : { tag, artifact, action: 'merge' }
}

function unmergeable(repository: RepositoryName, tag: string): PromotionError {
  return new PromotionError(
    'conflict',
    `${formatRepository(repository)}:${tag} already holds another artifact, and the two cannot be merged`,
    { hint: 'Compare the two, and delete the one at the target if it is obsolete; it is never overwritten.' },
  )
}

function tagChange(tag: string, root: Manifest, state: TargetState): TagChange {
  const current = state.tags.get(tag)
  if (current === undefined) return { tag, action: 'create' }
  return current === root.descriptor.digest
    ? { tag, action: 'keep' }
    : { tag, action: 'move', previous: current }
}

function existingTag(
  repository: RepositoryName,
  { tag, previous }: RefusedTag,
  digest: Digest,
): PromotionError {
  const reference = formatReference({ repository, tag })
  return new PromotionError('conflict', `${reference} points at ${previous} already, not at ${digest}`, {
    hint: 'Choose another tag, or set `existing-tags` to move.',
  })
}
