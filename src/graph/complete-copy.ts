import { missingSignatures } from '../oci/atomic-signature.ts'
import type { Digest } from '../oci/digest.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { discoverGraph } from './discover-graph.ts'
import type { ImageGraph } from './image-graph.ts'
import type { Known } from './known.ts'

/**
 * The graph of an image at a target, with what hangs there on manifests of the source's that it does not reach: where signatures were
 * merged, the tag names another manifest than at the source, and what is attached to the source's is found by its digest only. Errors as
 * those of `discoverGraph`.
 */
export async function completeCopy(
  copy: ImageGraph,
  source: ImageGraph,
  repository: SourceRepository,
  known: Known,
): Promise<ImageGraph> {
  const subjects = [...subjectsOf(source)].filter((subject) => !copy.manifests.has(subject))
  if (subjects.length === 0) return copy
  const manifests = new Map(copy.manifests)
  const attached = [...copy.attached]
  const atomic = [...(copy.atomic ?? [])]
  for (const subject of subjects) {
    const beside = manifests.has(subject) ? undefined : await discoverGraph(repository, subject, known)
    if (beside === undefined) continue
    for (const [digest, manifest] of beside.manifests) {
      if (digest !== subject) manifests.set(digest, manifest)
    }
    attached.push(...beside.attached)
    atomic.push(...missingSignatures(beside.atomic ?? [], atomic))
  }
  return { ...copy, manifests, attached, ...(copy.atomic && { atomic }) }
}

/** What something is attached to, or has a GPG signature, each once and in front of what is attached to that. */
export function subjectsOf({ attached, atomic = [] }: ImageGraph): ReadonlySet<Digest> {
  return new Set([...attached, ...atomic].map(({ subject }) => subject))
}
