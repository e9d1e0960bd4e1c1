import pMap from 'p-map'
import { asPromotionError, type PromotionError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { blobsOf } from '../oci/manifest.ts'
import { formatRepository } from '../oci/reference.ts'
import { mergeLayers } from '../oci/signature-manifest.ts'
import type { AttachedTagChange, Plan, PlannedImage, PlannedTarget } from '../plan/plan.ts'
import type { Registries, TargetRepository } from '../registry/repository.ts'
import { copyBlob } from './copy-blob.ts'
import type { BlobOutcome, CopyOutcome, CopyOutcomes } from './outcome.ts'

/** Called with the bytes taken by targets so far. */
export type ReportBytes = (sent: number) => void

/** Streams of blobs under way at a time. */
const BLOBS = 8

/**
 * Applies a plan by digest and touches no tag of an image: blobs first, then each image's manifests, children before their index,
 * then what is attached. An image that fails does not stop the others; its failure is its outcome.
 */
export async function copyImages(
  plan: Plan,
  registries: Registries,
  { concurrency, onBytes }: { readonly concurrency: number; readonly onBytes: ReportBytes },
): Promise<CopyOutcomes> {
  let sent = 0
  const count = (bytes: number) => {
    sent += bytes
    onBytes(sent)
  }
  const blobs = (
    await pMap(plan.blobs, (transfer) => copyBlob(transfer, registries, count), { concurrency: BLOBS })
  ).flat()
  const byTarget = new Map(blobs.map((outcome) => [keyOf(outcome), outcome]))
  return pMap(
    plan.images,
    (image) =>
      Promise.all(
        image.targets.map((target) =>
          copyToTarget(image, target, outcomesOf(image, target, byTarget), registries),
        ),
      ),
    { concurrency },
  )
}

async function copyToTarget(
  image: PlannedImage,
  target: PlannedTarget,
  blobs: readonly BlobOutcome[],
  registries: Registries,
): Promise<CopyOutcome> {
  const repository = registries.target(target.repository)
  const manifests: Descriptor[] = []
  const merged: string[] = []
  const outcome = { repository: target.repository, blobs, manifests, merged }
  const failed = blobs.find((blob) => blob.action === 'failed')
  if (failed !== undefined) return { ...outcome, error: failed.error.locatedAt(image.image.location) }
  try {
    for (const manifest of target.manifests) {
      await repository.pushManifest(manifest)
      manifests.push(manifest.descriptor)
    }
    for (const change of target.attachedTags) {
      if (await applyAttachedTag(change, repository)) merged.push(change.tag)
      else manifests.push(change.artifact.manifest.descriptor)
    }
    for (const referrer of target.referrers) await repository.listAsReferrer(referrer)
    return outcome
  } catch (thrown) {
    return { ...outcome, error: located(thrown, image) }
  }
}

/** Whether the tag was merged with what others have put there, before the plan or since. */
async function applyAttachedTag(
  { tag, artifact }: AttachedTagChange,
  repository: TargetRepository,
): Promise<boolean> {
  let merged = false
  await repository.mergeTag(tag, async (current) => {
    if (current === undefined) return artifact.manifest
    if (current.descriptor.digest === artifact.manifest.descriptor.digest) return undefined
    const { manifest } = artifact
    const wanted = mergeLayers(current, manifest.kind === 'image' ? manifest : { layers: [] })
    if (wanted === undefined) return undefined
    merged = true
    await repository.pushBlob(wanted.manifest.config, async function* () {
      yield wanted.config
    })
    return wanted.manifest
  })
  return merged
}

function outcomesOf(
  { graph }: PlannedImage,
  { repository }: PlannedTarget,
  byTarget: ReadonlyMap<string, BlobOutcome>,
): readonly BlobOutcome[] {
  const digests = new Set<Digest>([...graph.manifests.values()].flatMap(blobsOf).map(({ digest }) => digest))
  return [...digests].flatMap((digest) => byTarget.get(`${formatRepository(repository)}@${digest}`) ?? [])
}

function keyOf({ repository, blob }: BlobOutcome): string {
  return `${formatRepository(repository)}@${blob.digest}`
}

function located(thrown: unknown, { image }: PlannedImage): PromotionError {
  return asPromotionError(thrown).locatedAt(image.location)
}
