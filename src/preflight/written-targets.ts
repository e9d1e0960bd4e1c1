import type { FileLocation } from '../errors.ts'
import { bringsContent } from '../graph/brings-content.ts'
import { isToMove } from '../oci/is-to-move.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { Plan, PlannedImage, PlannedTarget, TagChange } from '../plan/plan.ts'

/** A target repository to which a plan writes something. */
export interface WrittenTarget {
  readonly repository: RepositoryName
  /** Where the first image is listed that goes there. */
  readonly location: FileLocation | undefined
  /** Everything that is pushed there by digest or by tag. */
  readonly manifests: readonly Manifest[]
  /** Those that have to be listed under their subjects. */
  readonly referrers: readonly Manifest[]
  /** Tags that are made or moved. */
  readonly tags: readonly TagChange[]
}

/** The target repositories to which the plan writes content, attached artifacts or tags; none for a plan without anything to do. */
export function writtenTargets({ images, blobs }: Plan): readonly WrittenTarget[] {
  const written = new Map<string, WrittenTarget>()
  const lacking = new Set(
    blobs.flatMap(({ targets }) => targets.map(({ repository }) => formatRepository(repository))),
  )
  for (const image of images) {
    for (const target of image.targets) {
      const key = formatRepository(target.repository)
      const added = changesAt(image, target)
      if (!lacking.has(key) && !bringsContent(target) && added.tags.length === 0) continue
      const known = written.get(key)
      written.set(key, known === undefined ? added : joined(known, added))
    }
  }
  return [...written.values()]
}

function changesAt(
  { image, graph }: PlannedImage,
  { repository, manifests, attachedTags, referrers, tags }: PlannedTarget,
): WrittenTarget {
  const changed = tags.filter(isToMove)
  return {
    repository,
    location: image.location,
    manifests: [
      ...manifests,
      ...attachedTags.map(({ artifact }) => artifact.manifest),
      // A tag is moved by pushing the manifest under it.
      ...(changed.length > 0 ? [graph.root] : []),
    ],
    referrers,
    tags: changed,
  }
}

function joined(known: WrittenTarget, added: WrittenTarget): WrittenTarget {
  return {
    ...known,
    manifests: [...known.manifests, ...added.manifests],
    referrers: [...known.referrers, ...added.referrers],
    tags: [...known.tags, ...added.tags],
  }
}
