import type { Digest } from '../oci/digest.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { discoverGraph } from './discover-graph.ts'
import type { ImageGraph } from './image-graph.ts'

/**
 * The graph of an image that was copied, with what hangs on manifests of the source's that the copy does not reach: where signatures
 * were merged, the tag names another manifest than at the source, and what is attached to the source's is found by its digest only.
 * Undefined and errors as those of `discoverGraph`.
 */
export async function discoverCopy(
  repository: SourceRepository,
  source: ImageGraph,
): Promise<ImageGraph | undefined> {
  const graph = await discoverGraph(repository, source.root.descriptor.digest)
  if (graph === undefined) return undefined
  const manifests = new Map(graph.manifests)
  const attached = [...graph.attached]
  for (const subject of subjectsOf(source)) {
    const beside = manifests.has(subject) ? undefined : await discoverGraph(repository, subject)
    if (beside === undefined) continue
    for (const [digest, manifest] of beside.manifests) {
      if (digest !== subject) manifests.set(digest, manifest)
    }
    attached.push(...beside.attached)
  }
  return { ...graph, manifests, attached }
}

/** What something is attached to, each once and in front of what is attached to that. */
function subjectsOf({ attached }: ImageGraph): ReadonlySet<Digest> {
  return new Set(attached.map(({ subject }) => subject))
}
