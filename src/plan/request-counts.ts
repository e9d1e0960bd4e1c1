import { bringsContent } from '../graph/brings-content.ts'
import { subjectsOf } from '../graph/complete-copy.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { isToMove } from '../oci/is-to-move.ts'
import { isLayout } from '../oci/layout-name.ts'
import { childrenOf } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import { SMALL_BLOB } from '../oci/small-blob.ts'
import type { BlobTransfer, PlannedImage, PlannedTarget } from './plan.ts'
import { sum } from './sum.ts'

// Registries are taken to be what the specification asks for: they mount, list their tags, and have the referrers API.

/** The question that begins the upload, the upload, and the proof that it is there. */
const SMALL_UPLOAD = 3
/** A large blob is asked for first. */
const LARGE_UPLOAD = 4
/** The mount, or the question for what is expected to be there, and the proof. */
const MOUNT = 2
/** A tag that others may write too is read, written, and read again after a pause. */
const SHARED_TAG = 3
/** What was merged has a config of its own: the old one is read, the new one sent. */
const MERGED_CONFIG = 1 + SMALL_UPLOAD
/** A GPG signature is put and read back. */
const ATOMIC_SIGNATURE = 2
/** A tag of an image is read before the first one moves, written, and read back. */
const MOVED_TAG = 3
const KEPT_TAG = 1

/** How a blob gets to a repository that lacks it; `expected`: a manifest that is there names it. */
export type Way = 'sent' | 'mounted' | 'expected'

/** How a blob that is planned to be brought to a target gets there. */
export function wayOf({ mountFrom, isNamed }: BlobTransfer['targets'][number]): Way {
  if (isNamed) return 'expected'
  return mountFrom === undefined ? 'sent' : 'mounted'
}

/** Requests that read one blob at its source; none in a layout on disk. */
export function requestsToRead(source: RepositoryName): number {
  return isLayout(source) ? 0 : 1
}

/** Requests that bring one blob to one repository; none to a layout on disk. */
export function requestsOfBlob({ size }: Descriptor, way: Way, repository: RepositoryName): number {
  if (isLayout(repository)) return 0
  if (way !== 'sent') return MOUNT
  return size > SMALL_BLOB ? LARGE_UPLOAD : SMALL_UPLOAD
}

/** Requests that applying takes at one target of an image besides those for blobs: writing, reading back, and moving tags. */
export function requestsAt(target: PlannedTarget, graph: ImageGraph): number {
  if (isLayout(target.repository)) return 0
  const needed = new Set(target.manifests.flatMap(childrenOf))
  const readBack = target.manifests.filter(({ descriptor }) => needed.has(descriptor.digest))
  const merged = target.attachedTags.filter(({ action }) => action === 'merge')
  const signatures = target.atomic?.missing.length ?? 0
  const tags = target.tags.map((tag) => (isToMove(tag) ? MOVED_TAG : KEPT_TAG))
  return (
    target.manifests.length +
    readBack.length +
    target.attachedTags.length * SHARED_TAG +
    merged.length * MERGED_CONFIG +
    signatures * ATOMIC_SIGNATURE +
    sum(tags) +
    (bringsContent(target) ? requestsToVerify(target, graph) : 0)
  )
}

/** Requests that looking at an image anew takes at its source: all that no target has, and what is attached to each. */
export function looksAtSource({ image, graph, targets }: PlannedImage): number {
  if (isLayout(image.reference.repository)) return 0
  const isKnown = (digest: Digest) => targets.some(({ there }) => there?.manifests.has(digest))
  const read = new Set([...graph.manifests.keys()].filter((digest) => !isKnown(digest)))
  // What stands under a tag is read whether it is known or not.
  for (const { kind, manifest } of graph.attached) {
    if (kind !== 'referrer') read.add(manifest.descriptor.digest)
  }
  return read.size + graph.manifests.size
}

/** The same at a target, where an image that is not there is asked for once, and its tags each. */
export function looksAtTarget({ repository, there, tags }: PlannedTarget): number {
  if (isLayout(repository)) return 0
  return tags.length + (there === undefined ? 1 : 2 * there.manifests.size)
}

/** The image, what is listed as attached to each subject by the registry and by a tag, the referrers, and the tags that were not written. */
function requestsToVerify({ attachedTags }: PlannedTarget, graph: ImageGraph): number {
  const referrers = graph.attached.filter(({ kind }) => kind === 'referrer')
  const listed = new Set(referrers.map(({ subject }) => subject))
  const tagged = graph.attached.length - referrers.length
  return 1 + subjectsOf(graph).size + listed.size + referrers.length + (tagged - attachedTags.length)
}
