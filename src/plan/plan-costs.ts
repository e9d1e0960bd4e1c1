import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { blobsOf } from '../oci/manifest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { BlobTransfer, Plan, PlannedImage, PlannedTarget } from './plan.ts'
import {
  looksAtSource,
  looksAtTarget,
  requestsAt,
  requestsOfBlob,
  requestsToRead,
  type Way,
  wayOf,
} from './request-counts.ts'
import { sum } from './sum.ts'
import { writtenManifests } from './written-manifests.ts'

/** What applying a plan costs; numbers of requests are estimates, and none is counted for a layout on disk. */
export interface PlanCosts {
  /** In the order of the plan. What several images share is counted with the first that lacks it. */
  readonly images: readonly ImageCosts[]
  readonly hosts: readonly HostCosts[]
}

/** What one image takes, at its source and at each target. */
export interface ImageCosts {
  readonly source: SourceCosts
  /** In the order of the image's targets. */
  readonly targets: readonly TargetCosts[]
}

/** Blobs that are read at the source of an image. */
export interface SourceCosts {
  readonly repository: RepositoryName
  readonly bytes: number
  readonly requests: number
  /** Requests that planning anew takes, before anything is applied. */
  readonly looks: number
}

/** What one target of an image gets; `bytes` are sent, blobs and manifests. */
export interface TargetCosts {
  readonly repository: RepositoryName
  readonly bytes: number
  readonly blobs: number
  readonly mountedBytes: number
  readonly mountedBlobs: number
  readonly manifests: number
  /** Those that copy, verify and move tags; signatures may take more where they are not among what is read back. */
  readonly requests: number
  /** Requests that planning anew takes, before anything is applied. */
  readonly looks: number
}

/** The sum over all images, for one registry or layout. */
export interface HostCosts {
  readonly host: string
  readonly side: 'source' | 'target'
  readonly requests: number
  readonly looks: number
  readonly bytes: number
}

/** Says for each image and target what applying the plan takes there; asks nobody. Bytes sum up to those of `totalsOf`. */
export function costsOf(plan: Plan): PlanCosts {
  const shares = shareBlobs(plan)
  const images = plan.images.map((image, index) => costsOfImage(image, shares[index] ?? []))
  return { images, hosts: sumByHost(images) }
}

/** A blob that is brought to a target with this image; with the first of them it is read. */
interface BlobShare {
  readonly blob: Descriptor
  readonly repository: RepositoryName
  readonly way: Way
  readonly isRead: boolean
}

/** What has to be brought, and to whom it has not been given yet. */
interface OpenTransfer extends BlobTransfer {
  readonly open: Map<string, Way>
  isRead: boolean
}

/** Gives each blob that some repository lacks to the first image that needs it there. */
function shareBlobs(plan: Plan): readonly (readonly BlobShare[])[] {
  const transfers = new Map<Digest, OpenTransfer>(
    plan.blobs.map((transfer) => {
      const open = transfer.targets.map(
        (target) => [formatRepository(target.repository), wayOf(target)] as const,
      )
      return [transfer.blob.digest, { ...transfer, open: new Map(open), isRead: false }]
    }),
  )
  const shares = plan.images.map((): BlobShare[] => [])
  const give = (index: number, { repository }: PlannedTarget, blobs: readonly Descriptor[]) => {
    for (const { digest } of blobs) {
      const transfer = transfers.get(digest)
      const way = transfer?.open.get(formatRepository(repository))
      if (transfer === undefined || way === undefined) continue
      transfer.open.delete(formatRepository(repository))
      const isRead = way === 'sent' && !transfer.isRead
      transfer.isRead ||= isRead
      shares[index]?.push({ blob: transfer.blob, repository, way, isRead })
    }
  }
  for (const [index, { targets }] of plan.images.entries()) {
    for (const target of targets) give(index, target, writtenManifests(target).flatMap(blobsOf))
  }
  // Where manifests that are there are not relied on, a blob is lacking though none is written that names it.
  for (const [index, { graph, targets }] of plan.images.entries()) {
    for (const target of targets) give(index, target, blobsOfGraph(graph))
  }
  return shares
}

function costsOfImage(planned: PlannedImage, shares: readonly BlobShare[]): ImageCosts {
  const { image, graph, targets } = planned
  const read = shares.filter(({ isRead }) => isRead)
  const { repository } = image.reference
  return {
    source: {
      repository,
      bytes: sum(read.map(({ blob }) => blob.size)),
      requests: read.length * requestsToRead(repository),
      looks: looksAtSource(planned),
    },
    targets: targets.map((target) => {
      const name = formatRepository(target.repository)
      const brought = shares.filter((share) => formatRepository(share.repository) === name)
      const sent = brought.filter(({ way }) => way === 'sent').map(({ blob }) => blob.size)
      const mounted = brought.filter(({ way }) => way === 'mounted').map(({ blob }) => blob.size)
      const manifests = writtenManifests(target).map(({ descriptor }) => descriptor.size)
      const asked = brought.map(({ blob, way }) => requestsOfBlob(blob, way, target.repository))
      return {
        repository: target.repository,
        bytes: sum(sent) + sum(manifests),
        blobs: sent.length,
        mountedBytes: sum(mounted),
        mountedBlobs: mounted.length,
        manifests: manifests.length,
        requests: sum(asked) + requestsAt(target, graph),
        looks: looksAtTarget(target),
      }
    }),
  }
}

function sumByHost(images: readonly ImageCosts[]): readonly HostCosts[] {
  const hosts = new Map<string, HostCosts>()
  const add = (
    side: HostCosts['side'],
    { repository, requests, looks, bytes }: SourceCosts | TargetCosts,
  ) => {
    const host = repository.registry
    const key = `${side} ${host}`
    const before = hosts.get(key) ?? { host, side, requests: 0, looks: 0, bytes: 0 }
    hosts.set(key, {
      ...before,
      requests: before.requests + requests,
      looks: before.looks + looks,
      bytes: before.bytes + bytes,
    })
  }
  for (const { source, targets } of images) {
    add('source', source)
    for (const target of targets) add('target', target)
  }
  return [...hosts.values()]
}
