import { completeCopy } from '../graph/complete-copy.ts'
import { discoverGraph } from '../graph/discover-graph.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { TagLists } from '../graph/tag-lists.ts'
import { fetchTaggedArtifacts } from '../graph/tagged-artifacts.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { Registries, SourceRepository } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import { destinationsOf } from './destination.ts'
import { lookAtTarget, type TargetState } from './look-at-target.ts'
import { wantedTags } from './wanted-tags.ts'

/** What looking has to know of the settings. */
export type LookSettings = Pick<Settings, 'to' | 'tags' | 'imgpkgTags'>

/** An image, and what each of its targets has of it already. */
export interface LookedAtImage extends FoundImage {
  /** Those that it is to get at each target. */
  readonly tags: readonly string[]
  readonly targets: readonly { readonly repository: RepositoryName; readonly state: TargetState }[]
}

/** An image as it was looked at; without a graph where neither its source nor any target has it. */
export type SeenImage = Omit<LookedAtImage, 'graph'> & { readonly graph: ImageGraph | undefined }

/** How to look. */
export interface Looking {
  readonly lists: Pick<TagLists, 'of'>
  /** Whether the image need not be whole at the source. */
  readonly mayLackChildren?: boolean
}

/**
 * What the source and each target have of an image; nothing is written. The targets first: what one of them has by its digest is not read
 * from the source again. Errors as those of `discoverGraph`.
 */
export async function lookAtImage(
  image: ListedImage,
  settings: LookSettings,
  registries: Registries,
  { lists, mayLackChildren = false }: Looking,
): Promise<SeenImage> {
  const { repository, digest } = image.reference
  // Before anything is asked: it may throw, and nobody would wait for the answers.
  const names = destinationsOf(settings.to, image.bundle?.root.repository ?? repository)
  const tags = wantedTags(image, settings)
  const source = registries.source(repository)
  const [tagged, ...targets] = await Promise.all([
    fetchTaggedArtifacts(source, digest, lists.of(source)),
    ...names.map(async (name) => ({
      repository: name,
      state: await lookAtTarget(digest, registries.target(name), tags, lists),
    })),
  ])
  const manifests = new Map<Digest, Manifest>()
  for (const { state } of targets) {
    for (const [known, manifest] of state.graph?.manifests ?? []) manifests.set(known, manifest)
  }
  const known = { tags: lists.of(source), tagged, manifests, mayLackChildren }
  const graph = await discoverGraph(source, digest, known)
  if (graph === undefined) return { image, graph, tags, targets }
  return {
    image,
    graph,
    tags,
    targets: await Promise.all(
      targets.map(async ({ repository: name, state }) => {
        if (state.graph === undefined) return { repository: name, state }
        const target = registries.target(name)
        const whole = await completeCopy(state.graph, graph, target, {
          tags: lists.of(target),
          mayLackChildren: true,
        })
        return {
          repository: name,
          state: { ...state, graph: whole, beside: await besideOf(whole, graph, target) },
        }
      }),
    ),
  }
}

/**
 * What of the source's attached manifests is at a target and not reached from the image there: where signatures were merged, the tag names
 * another manifest, and the source's is found by its digest only.
 */
async function besideOf(
  there: ImageGraph,
  source: ImageGraph,
  target: SourceRepository,
): Promise<ReadonlySet<Digest>> {
  const attached = new Set(source.attached.map(({ manifest }) => manifest.descriptor.digest))
  const unreached = [...attached].filter((digest) => !there.manifests.has(digest))
  const found = await Promise.all(unreached.map((digest) => target.resolve(digest)))
  return new Set(unreached.filter((_, index) => found[index] !== undefined))
}
