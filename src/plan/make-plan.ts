import { runAll } from '../concurrency.ts'
import { throwAll } from '../errors.ts'
import { completeCopy } from '../graph/complete-copy.ts'
import { requireGraph } from '../graph/discover-graph.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { TagLists } from '../graph/tag-lists.ts'
import { fetchTaggedArtifacts } from '../graph/tagged-artifacts.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { Registries, SourceRepository } from '../registry/repository.ts'
import type { ListedImage } from '../sources/source.ts'
import { assemblePlan, type LookedAtImage } from './assemble-plan.ts'
import { destinationsOf } from './destination.ts'
import { askForBlobs, blobsOfTargets, HeldBlobs } from './held-blobs.ts'
import { lookAtTarget } from './look-at-target.ts'
import type { Plan } from './plan.ts'
import { wantedTags } from './wanted-tags.ts'

/** What planning has to know of the settings. */
export type PlanSettings = Pick<Settings, 'to' | 'tags' | 'existingTags' | 'imgpkgTags'>

/**
 * Which blobs targets are asked for: none, because uploading asks by itself; those that they are not known to have, so that the plan is
 * exact; or every one, even of manifests that are there.
 */
export type BlobQuestions = 'ask while uploading' | 'ask for blobs' | 'ask for every blob'

/**
 * Looks at sources and targets, writes nothing, and decides what has to be done. All problems are thrown together: registries that do
 * not answer, images that are not whole, tags that must not move.
 */
export async function makePlan(
  images: readonly ListedImage[],
  settings: PlanSettings,
  registries: Registries,
  questions: BlobQuestions,
  lists: Pick<TagLists, 'of'> = new TagLists(images.length),
): Promise<Plan> {
  const looked = await runAll(
    images.map((image) => ({ image })),
    ({ image }) => look(image, settings, registries, lists),
  )
  const held = questions === 'ask for every blob' ? new HeldBlobs() : blobsOfTargets(looked)
  if (questions !== 'ask while uploading') await askForBlobs(looked, held, registries)
  const { plan, problems } = assemblePlan(looked, held, settings)
  throwAll(problems)
  return plan
}

/** The targets first: what one of them has by its digest is not read from the source again. */
async function look(
  image: ListedImage,
  settings: PlanSettings,
  registries: Registries,
  lists: Pick<TagLists, 'of'>,
): Promise<LookedAtImage> {
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
  const graph = await requireGraph(source, digest, { tags: lists.of(source), tagged, manifests })
  return {
    image,
    graph,
    tags,
    targets: await Promise.all(
      targets.map(async ({ repository: name, state }) => {
        if (state.graph === undefined) return { repository: name, state }
        const target = registries.target(name)
        const known = { tags: lists.of(target), mayLackChildren: true }
        const whole = await completeCopy(state.graph, graph, target, known)
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
