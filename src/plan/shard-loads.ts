import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { Digest } from '../oci/digest.ts'
import { formatRepository } from '../oci/reference.ts'
import type { BlobTransfer, Plan, PlannedImage } from './plan.ts'
import {
  looksAtSource,
  looksAtTarget,
  requestsAt,
  requestsOfBlob,
  requestsToRead,
  wayOf,
} from './request-counts.ts'
import { sum } from './sum.ts'
import { writtenManifests } from './written-manifests.ts'

/** Bytes a second that one runner moves, those that it reads and those that it sends together. */
const BYTES_A_SECOND = 64 * 1024 * 1024
/** Requests a second that registries answer to one runner: 64 in flight, a quarter of a second each. */
const REQUESTS_A_SECOND = 256
/** Bytes that could be moved in the time of one request. */
export const REQUEST_LOAD = BYTES_A_SECOND / REQUESTS_A_SECOND
/** Bytes of load for one runner: ten minutes. */
export const RUNNER_LOAD = 600 * BYTES_A_SECOND

/** What a plan is to the runners that divide it; all loads in bytes, a request counted as `REQUEST_LOAD` of them. */
export interface ShardLoads {
  readonly images: readonly ImageLoad[]
  /** What several images need; a runner that has more than one of them takes it once. */
  readonly shared: readonly SharedPart[]
}

/** What one image is to whichever runner gets it. */
export interface ImageLoad {
  /** What the image takes by itself. */
  readonly load: number
  /** Bytes that are read at the source for it alone. */
  readonly read: number
  /** Places in `shared` of what it needs besides. */
  readonly parts: readonly number[]
}

/** A blob, or its mount into one repository. */
export interface SharedPart {
  readonly load: number
  readonly read: number
  readonly sharers: number
}

/** Splits the load of a plan into what belongs to one image and what several share. */
export function loadsOf(plan: Plan): ShardLoads {
  const collector = new PartCollector(plan.blobs)
  const needed = plan.images.map((image) => collector.partsOf(image))
  const places = new Map<Part, number>()
  for (const part of collector.parts) if (part.sharers > 1) places.set(part, places.size)
  const images = plan.images.map((image, index) => {
    const parts = needed[index] ?? []
    const alone = parts.filter(({ sharers }) => sharers === 1)
    return {
      load: ownLoad(image) + sum(alone.map(({ load }) => load)),
      read: sum(alone.map(({ read }) => read)),
      parts: parts.flatMap((part) => places.get(part) ?? []),
    }
  })
  return { images, shared: [...places.keys()] }
}

/** Everything but blobs. */
function ownLoad(image: PlannedImage): number {
  const { graph, targets } = image
  const bytes = sum(targets.flatMap(writtenManifests).map(({ descriptor }) => descriptor.size))
  const asked = targets.map((target) => requestsAt(target, graph) + looksAtTarget(target))
  const requests = looksAtSource(image) + sum(asked)
  return bytes + requests * REQUEST_LOAD
}

interface Part extends SharedPart {
  sharers: number
}

/** A blob that is lacking, and its mounts by repository. */
interface Lacking {
  readonly blob: Part
  readonly mounts: ReadonlyMap<string, Part>
}

/** Finds the parts, and counts who shares them. */
class PartCollector {
  readonly parts: Part[] = []
  readonly #lacking: ReadonlyMap<Digest, Lacking>

  constructor(transfers: readonly BlobTransfer[]) {
    this.#lacking = new Map(transfers.map((transfer) => [transfer.blob.digest, this.#add(transfer)]))
  }

  partsOf({ graph, targets }: PlannedImage): readonly Part[] {
    const names = targets.map(({ repository }) => formatRepository(repository))
    const needed = blobsOfGraph(graph).flatMap(({ digest }) => {
      const lacking = this.#lacking.get(digest)
      const mounts = names.flatMap((name) => lacking?.mounts.get(name) ?? [])
      return lacking === undefined || mounts.length === 0 ? [] : [lacking.blob, ...mounts]
    })
    for (const part of needed) part.sharers += 1
    return needed
  }

  #add({ blob, source, targets }: BlobTransfer): Lacking {
    const sent = targets.filter((target) => wayOf(target) === 'sent')
    const read = sent.length === 0 ? 0 : blob.size
    // Whoever has several images of a registry sends to one repository there and mounts into the others.
    const sending = sent.map(
      ({ repository }) =>
        requestsOfBlob(blob, 'sent', repository) - requestsOfBlob(blob, 'mounted', repository),
    )
    const requests = sum(sending) + (read === 0 ? 0 : requestsToRead(source))
    const mounts = targets.map(({ repository }) => {
      const mount = this.#part(requestsOfBlob(blob, 'mounted', repository) * REQUEST_LOAD, 0)
      return [formatRepository(repository), mount] as const
    })
    const moved = read + sent.length * blob.size
    return { blob: this.#part(moved + requests * REQUEST_LOAD, read), mounts: new Map(mounts) }
  }

  #part(load: number, read: number): Part {
    const part = { load, read, sharers: 0 }
    this.parts.push(part)
    return part
  }
}
