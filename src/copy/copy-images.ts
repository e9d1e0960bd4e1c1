import pMap from 'p-map'
import { errorsOf, settleAll } from '../concurrency.ts'
import { asPromotionError, PromotionError, throwAll } from '../errors.ts'
import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { MANIFEST_LIMIT, type Manifest } from '../oci/manifest.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import { mergeableLayers, mergeLayers } from '../oci/signature-manifest.ts'
import type { AttachedTagChange, Plan, PlannedImage, PlannedTarget } from '../plan/plan.ts'
import type { Registries, TargetRepository } from '../registry/repository.ts'
import { type CountBytes, copyBlob } from './copy-blob.ts'
import type { BlobOutcome, CopyOutcome, CopyOutcomes } from './outcome.ts'

/** Called with the bytes taken by targets so far. */
export type ReportBytes = (sent: number) => void

/** Streams of blobs under way at a time. */
const BLOBS = 8
/** Tags of one image that others may write too, under way at a time. */
const SHARED_TAGS = 8

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
          copyToTarget(image, target, outcomesOf(image, target, byTarget), { registries, count }),
        ),
      ),
    { concurrency },
  )
}

async function copyToTarget(
  image: PlannedImage,
  target: PlannedTarget,
  blobs: readonly BlobOutcome[],
  { registries, count }: { readonly registries: Registries; readonly count: CountBytes },
): Promise<CopyOutcome> {
  const repository = registries.target(target.repository)
  const manifests: Descriptor[] = []
  const sent = ({ descriptor }: Manifest) => {
    manifests.push(descriptor)
    count(descriptor.size)
  }
  const merged: string[] = []
  const outcome = { repository: target.repository, blobs, manifests, merged }
  const failed = blobs.find((blob) => blob.action === 'failed')
  if (failed !== undefined) return { ...outcome, error: failed.error.locatedAt(image.image.location) }
  try {
    for (const manifest of target.manifests) {
      await repository.pushManifest(manifest)
      sent(manifest)
    }
    await runToTheEnd(target.attachedTags, image, async (change) => {
      const done = await applyAttachedTag(change, repository)
      if (done === 'merged') merged.push(change.tag)
      else if (done === 'created') sent(change.artifact.manifest)
    })
    await runToTheEnd(target.referrers, image, (referrer) => repository.listAsReferrer(referrer))
    return outcome
  } catch (thrown) {
    return { ...outcome, error: located(thrown, image) }
  }
}

/** Writes of shared tags side by side, because each waits to see that no other writer undid it; none goes on after an error is thrown. */
async function runToTheEnd<Item>(
  items: readonly Item[],
  { image }: PlannedImage,
  write: (item: Item) => Promise<void>,
): Promise<void> {
  throwAll(errorsOf(await settleAll(items, SHARED_TAGS, write), () => image.location))
}

/** What was done, which is not what was planned where others have written under the tag since; `kept`: all was there by then. */
async function applyAttachedTag(
  { tag, artifact: { kind, manifest } }: AttachedTagChange,
  repository: TargetRepository,
): Promise<'created' | 'merged' | 'kept'> {
  let done: 'created' | 'merged' | 'kept' = 'kept'
  await repository.mergeTag(tag, async (current) => {
    if (current === undefined) {
      done = 'created'
      return manifest
    }
    if (current.descriptor.digest === manifest.descriptor.digest) return undefined
    if (manifest.kind === 'index' || mergeableLayers(kind, current, manifest) === undefined) {
      throw takenSince(repository.name, tag)
    }
    const wanted = await mergeLayers(current, manifest, (config) =>
      repository.readBlob(config, MANIFEST_LIMIT),
    )
    if (wanted === undefined) return undefined
    done = 'merged'
    await repository.pushBlob(wanted.manifest.config, async function* () {
      yield wanted.config
    })
    return wanted.manifest
  })
  return done
}

function takenSince(repository: RepositoryName, tag: string): PromotionError {
  return new PromotionError(
    'conflict',
    `${formatReference({ repository, tag })} was free when the promotion was planned, and holds another artifact now`,
    { hint: 'Compare the two, and delete the one at the target if it is obsolete; it is never overwritten.' },
  )
}

function outcomesOf(
  { graph }: PlannedImage,
  { repository }: PlannedTarget,
  byTarget: ReadonlyMap<string, BlobOutcome>,
): readonly BlobOutcome[] {
  return blobsOfGraph(graph).flatMap(
    ({ digest }) => byTarget.get(formatReference({ repository, digest })) ?? [],
  )
}

function keyOf({ repository, blob: { digest } }: BlobOutcome): string {
  return formatReference({ repository, digest })
}

function located(thrown: unknown, { image }: PlannedImage): PromotionError {
  return asPromotionError(thrown).locatedAt(image.location)
}
