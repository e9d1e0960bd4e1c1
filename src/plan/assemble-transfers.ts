import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { blobsToCome, type HeldBlobs } from './held-blobs.ts'
import type { LookedAtImage } from './look-at-image.ts'
import type { BlobTransfer } from './plan.ts'

/** One blob, who has it and who lacks it. */
interface Demand {
  readonly blob: Descriptor
  readonly sources: Map<string, RepositoryName>
  readonly holders: Map<string, RepositoryName>
  readonly lacking: Map<string, RepositoryName>
}

/**
 * Every blob that a target repository lacks, once each: read from one source, however many images and targets share it. Where another
 * repository of the target's registry has it, or will have it by then, it is mounted from there.
 */
export function assembleTransfers(
  images: readonly LookedAtImage[],
  held: HeldBlobs,
): readonly BlobTransfer[] {
  const demands = new Map<Digest, Demand>()
  for (const looked of images) {
    const { image, graph } = looked
    const targets = looked.targets.map((target) => ({ ...target, written: blobsToCome(looked, target) }))
    for (const blob of blobsOfGraph(graph)) {
      const demand = demands.get(blob.digest) ?? {
        blob,
        sources: new Map(),
        holders: new Map(),
        lacking: new Map(),
      }
      demands.set(blob.digest, demand)
      const { repository } = image.reference
      demand.sources.set(formatRepository(repository), repository)
      for (const target of targets) {
        const { repository, written } = target
        const side = held.isWanted(repository, blob, written) ? demand.lacking : demand.holders
        side.set(formatRepository(repository), repository)
      }
    }
  }
  return [...demands.values()].flatMap((demand) => assembleTransfer(demand, held))
}

function assembleTransfer(
  { blob, sources, holders, lacking }: Demand,
  held: HeldBlobs,
): readonly BlobTransfer[] {
  const [source] = sources.values()
  if (source === undefined || lacking.size === 0) return []
  const mountable = [...sources.values(), ...holders.values()]
  const targets = [...lacking.values()].map((repository) => {
    const mountFrom = mountable.find(({ registry }) => registry === repository.registry)
    // The next repository of this registry can mount from this one.
    mountable.push(repository)
    const isNamed = held.isNamed(repository, blob)
    return { repository, ...(isNamed ? { isNamed } : mountFrom && { mountFrom }) }
  })
  return [{ blob, source, targets }]
}
