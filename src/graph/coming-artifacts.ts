import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { AttachedArtifact, AttachedKind } from './image-graph.ts'

/** An artifact that is hung on an image somewhere, or on a part of it: by a tag that is made or merged, or listed as a referrer. */
export interface ComingArtifact {
  readonly kind: AttachedKind
  readonly digest: Digest
  readonly action: 'create' | 'merge' | 'list'
}

/** What a place has yet to get, as a plan holds it. */
interface Lacking {
  readonly attachedTags: readonly {
    readonly artifact: AttachedArtifact
    readonly action: 'create' | 'merge'
  }[]
  readonly referrers: readonly Manifest[]
}

/** The artifacts that come to a place, those by tag first. */
export function comingArtifacts({ attachedTags, referrers }: Lacking): readonly ComingArtifact[] {
  return [
    ...attachedTags.map(({ artifact: { kind, manifest }, action }) => ({
      kind,
      digest: manifest.descriptor.digest,
      action,
    })),
    ...referrers.map(({ descriptor: { digest } }) => ({
      kind: 'referrer' as const,
      digest,
      action: 'list' as const,
    })),
  ]
}
