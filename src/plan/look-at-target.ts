import pMap from 'p-map'
import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { attachedTag } from '../oci/attached-tag.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { TargetRepository } from '../registry/repository.ts'

/** What a target repository has of one image before anything is written. */
export interface TargetState {
  readonly manifests: ReadonlySet<Digest>
  readonly blobs: ReadonlySet<Digest>
  /** What stands under the `.sig`, `.att` and `.sbom` tags that the source has. */
  readonly attachedTags: ReadonlyMap<string, Manifest>
  /** Referrers that are listed for some subject. */
  readonly referrers: ReadonlySet<Digest>
  /** What the wanted tags point at. */
  readonly tags: ReadonlyMap<string, Digest>
}

const QUESTIONS = 8

/** Asks a target for every part of a graph: a root that is there says nothing about the rest, as interrupted copies show. */
export async function lookAtTarget(
  graph: ImageGraph,
  repository: TargetRepository,
  wantedTags: readonly string[],
): Promise<TargetState> {
  const manifests = await keepAsync(
    [...graph.manifests.keys()],
    async (digest) => (await repository.resolve(digest)) !== undefined,
  )
  const blobs = await keepAsync(blobsOfGraph(graph), (blob) => repository.hasBlob(blob))
  const attached = await pMap(
    attachedTagsOf(graph),
    async (tag) => [tag, await repository.fetchManifest(tag)] as const,
    {
      concurrency: QUESTIONS,
    },
  )
  const listed = await pMap(subjectsOf(graph), (subject) => repository.listReferrers(subject), {
    concurrency: QUESTIONS,
  })
  const tags = await pMap(
    wantedTags,
    async (tag) => [tag, (await repository.resolve(tag))?.digest] as const,
    {
      concurrency: QUESTIONS,
    },
  )
  return {
    manifests: new Set(manifests),
    blobs: new Set(blobs.map(({ digest }) => digest)),
    attachedTags: new Map(
      attached.flatMap(([tag, manifest]) => (manifest === undefined ? [] : [[tag, manifest]])),
    ),
    referrers: new Set(listed.flat().map(({ digest }) => digest)),
    tags: new Map(tags.flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest]]))),
  }
}

function attachedTagsOf(graph: ImageGraph): readonly string[] {
  return graph.attached.flatMap(({ subject, kind }) =>
    kind === 'referrer' ? [] : [attachedTag(subject, kind)],
  )
}

function subjectsOf(graph: ImageGraph): readonly Digest[] {
  return [...new Set(graph.attached.filter(({ kind }) => kind === 'referrer').map(({ subject }) => subject))]
}

async function keepAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const kept = await pMap(items, test, { concurrency: QUESTIONS })
  return items.filter((_, index) => kept[index])
}
