import pLimit from 'p-limit'
import pMap from 'p-map'
import { errorsOf, IMAGES_AT_A_TIME, settleAll } from '../concurrency.ts'
import { asPromotionError, PromotionError, throwAll } from '../errors.ts'
import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { childrenOf, MANIFEST_LIMIT, type Manifest } from '../oci/manifest.ts'
import { formatReference, formatRepository, type RepositoryName } from '../oci/reference.ts'
import { mergeableLayers, mergeLayers } from '../oci/signature-manifest.ts'
import { SMALL_BLOB } from '../oci/small-blob.ts'
import type { AttachedTagChange, BlobTransfer, Plan, PlannedImage, PlannedTarget } from '../plan/plan.ts'
import type { Registries, TargetRepository } from '../registry/repository.ts'
import { type Copying, copyBlob } from './copy-blob.ts'
import { levelsOf } from './levels.ts'
import type { BlobOutcome, CopyOutcome, CopyOutcomes } from './outcome.ts'
import { type Proving, proveBlob, proveManifest } from './prove.ts'
import { putAtomicSignatures } from './put-atomic-signatures.ts'
import type { ServerCopy } from './server-copy.ts'

/** Called with the bytes taken by targets so far. */
export type ReportBytes = (sent: number) => void

/** How to copy. */
export interface CopyOptions extends Proving {
  readonly onBytes: ReportBytes
  /** Copies in place of this machine, where the targets are its own. */
  readonly server?: ServerCopy
}

/** Large blobs under way at a time; small ones cost a round trip each, and no memory to speak of. */
const LARGE_BLOBS = 4
const SMALL_BLOBS = 128
/** Manifests and tags of one image that are written side by side. */
const WRITES = 8

/**
 * Applies a plan by digest and touches no tag of an image. Each image's manifests follow its blobs, children before their index, then what
 * is attached; no manifest is written before all that it refers to is proven to be there, so that one that is there stands for the rest. An
 * image that fails does not stop the others; its failure is its outcome.
 */
export async function copyImages(
  plan: Plan,
  registries: Registries,
  { onBytes, ...proving }: CopyOptions,
): Promise<CopyOutcomes> {
  let sent = 0
  const count = (bytes: number) => {
    sent += bytes
    onBytes(sent)
  }
  const copying = { ...proving, registries, count }
  const blobs = startBlobs(plan.blobs, copying)
  return pMap(
    plan.images,
    (image) =>
      Promise.all(
        image.targets.map(async (target) =>
          copyToTarget(image, target, await outcomesOf(image, target, blobs), copying),
        ),
      ),
    { concurrency: IMAGES_AT_A_TIME },
  )
}

/** What becomes of each blob, by its digest, at each repository that lacked it. */
type BlobsUnderWay = ReadonlyMap<Digest, Promise<ReadonlyMap<string, BlobOutcome>>>

/**
 * Large blobs begin with the largest, because the end of a run should not wait for one long stream; small ones go image by image, so that
 * the manifests of the first follow while the others are on their way.
 */
function startBlobs(transfers: readonly BlobTransfer[], copying: Copying): BlobsUnderWay {
  const large = pLimit(LARGE_BLOBS)
  const small = pLimit(SMALL_BLOBS)
  const isLarge = ({ blob }: BlobTransfer) => blob.size > SMALL_BLOB
  const ordered = [
    ...transfers.filter(isLarge).toSorted((one, other) => other.blob.size - one.blob.size),
    ...transfers.filter((transfer) => !isLarge(transfer)),
  ]
  return new Map(
    ordered.map((transfer) => {
      const limit = isLarge(transfer) ? large : small
      return [transfer.blob.digest, limit(async () => byRepository(await copyBlob(transfer, copying)))]
    }),
  )
}

function byRepository(outcomes: readonly BlobOutcome[]): ReadonlyMap<string, BlobOutcome> {
  return new Map(outcomes.map((outcome) => [formatRepository(outcome.repository), outcome]))
}

async function copyToTarget(
  image: PlannedImage,
  target: PlannedTarget,
  blobs: readonly BlobOutcome[],
  copying: Copying,
): Promise<CopyOutcome> {
  const repository = copying.registries.target(target.repository)
  const manifests: Descriptor[] = []
  const sent = ({ descriptor }: Manifest) => {
    manifests.push(descriptor)
    copying.count(descriptor.size)
  }
  const merged: string[] = []
  const proven = new Map<Digest, Manifest>()
  const tagged = new Map<string, Manifest>()
  const outcome = { repository: target.repository, blobs, manifests, merged, proven, tagged }
  const failed = blobs.find((blob) => blob.action === 'failed')
  if (failed !== undefined) return { ...outcome, error: failed.error.locatedAt(image.image.location) }
  try {
    const needed = new Set(target.manifests.flatMap(childrenOf))
    for (const level of levelsOf(target.manifests)) {
      await runToTheEnd(level, image, async (manifest) => {
        const { digest } = manifest.descriptor
        if (!(await copying.server?.bringManifest(manifest, target.repository)))
          await repository.pushManifest(manifest)
        sent(manifest)
        if (needed.has(digest)) proven.set(digest, await proveManifest(manifest, repository, copying.signal))
      })
    }
    await runToTheEnd(target.attachedTags, image, async (change) => {
      const { done, stands } = await applyAttachedTag(change, repository, copying)
      if (done === 'merged') merged.push(change.tag)
      if (done === 'created' || (await pushBeside(change, stands, repository))) sent(change.artifact.manifest)
      if (stands !== undefined) tagged.set(change.tag, stands)
    })
    await runToTheEnd(target.referrers, image, (referrer) => repository.listAsReferrer(referrer))
    const missing = target.atomic?.missing ?? []
    if (missing.length === 0) return outcome
    return { ...outcome, atomic: await putAtomicSignatures(missing, repository) }
  } catch (thrown) {
    return { ...outcome, error: located(thrown, image) }
  }
}

/** Writes side by side, because a shared tag waits to see that no other writer undid it; none goes on after an error is thrown. */
async function runToTheEnd<Item>(
  items: readonly Item[],
  { image }: PlannedImage,
  write: (item: Item) => Promise<void>,
): Promise<void> {
  throwAll(errorsOf(await settleAll(items, WRITES, write), () => image.location))
}

/** What was done, which is not what was planned where others have written under the tag since; `kept`: all was there by then. */
interface AppliedTag {
  readonly done: 'created' | 'merged' | 'kept'
  readonly stands: Manifest | undefined
}

async function applyAttachedTag(
  { tag, artifact: { kind, manifest } }: AttachedTagChange,
  repository: TargetRepository,
  { sent, signal }: Proving,
): Promise<AppliedTag> {
  let done: AppliedTag['done'] = 'kept'
  const stands = await repository.mergeTag(tag, async (current) => {
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
    await repository.pushBlob(wanted.manifest.config, wanted.config)
    await proveBlob(wanted.manifest.config, repository, sent, signal)
    return wanted.manifest
  })
  return { done, stands }
}

/**
 * Pushes by digest what was planned to come with its tag, where something else stands under that: what hangs on the source's manifest is
 * found by it alone. False where there is nothing to push.
 */
async function pushBeside(
  { action, artifact: { manifest } }: AttachedTagChange,
  stands: Manifest | undefined,
  repository: TargetRepository,
): Promise<boolean> {
  if (action === 'merge' || stands?.descriptor.digest === manifest.descriptor.digest) return false
  await repository.pushManifest(manifest)
  return true
}

function takenSince(repository: RepositoryName, tag: string): PromotionError {
  return new PromotionError(
    'conflict',
    `${formatReference({ repository, tag })} was free when the promotion was planned, and holds another artifact now`,
    { hint: 'Compare the two, and delete the one at the target if it is obsolete; it is never overwritten.' },
  )
}

/** What became of the blobs of one image at one target, once that is known of all of them. */
async function outcomesOf(
  { graph }: PlannedImage,
  { repository }: PlannedTarget,
  blobs: BlobsUnderWay,
): Promise<readonly BlobOutcome[]> {
  const outcomes = await Promise.all(blobsOfGraph(graph).map(({ digest }) => blobs.get(digest)))
  const name = formatRepository(repository)
  return outcomes.flatMap((all) => all?.get(name) ?? [])
}

function located(thrown: unknown, { image }: PlannedImage): PromotionError {
  return asPromotionError(thrown).locatedAt(image.location)
}
