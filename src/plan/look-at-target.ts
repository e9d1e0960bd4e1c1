import pMap from 'p-map'
import { discoverGraph } from '../graph/discover-graph.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { TagLists } from '../graph/tag-lists.ts'
import type { Digest } from '../oci/digest.ts'
import type { SourceRepository } from '../registry/repository.ts'

/** What a target repository has of one image before anything is written. */
export interface TargetState {
  /** The image with everything attached to it there, children that are missing left out; undefined where the image itself is not there. */
  readonly graph: ImageGraph | undefined
  /** Manifests of the source's that are there as well, and are not reached from the image. */
  readonly beside?: ReadonlySet<Digest>
  /** Its registry keeps GPG signatures. */
  readonly keepsAtomic?: true
  /** What the wanted tags point at. */
  readonly tags: ReadonlyMap<string, Digest>
}

const QUESTIONS = 8

/**
 * Asks a target for an image as a source is asked. One that is not there has nothing attached to it either: that is not asked, and what is
 * written later is merged all the same with whatever it finds.
 */
export async function lookAtTarget(
  digest: Digest,
  repository: SourceRepository,
  wantedTags: readonly string[],
  lists: Pick<TagLists, 'of'>,
): Promise<TargetState> {
  const [graph, tags] = await Promise.all([
    discoverGraph(repository, digest, { tags: lists.of(repository), mayLackChildren: true }),
    pMap(wantedTags, async (tag) => [tag, (await repository.resolve(tag))?.digest] as const, {
      concurrency: QUESTIONS,
    }),
  ])
  return {
    graph,
    ...(repository.atomicSignatures() && { keepsAtomic: true }),
    tags: new Map(tags.flatMap(([tag, at]) => (at === undefined ? [] : [[tag, at]]))),
  }
}

/** Whether a target has a manifest, as far as it was seen. */
export function hasManifest({ graph, beside }: TargetState, digest: Digest): boolean {
  return graph?.manifests.has(digest) === true || beside?.has(digest) === true
}
