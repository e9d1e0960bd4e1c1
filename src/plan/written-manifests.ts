import type { Manifest } from '../oci/manifest.ts'
import type { PlannedTarget } from './plan.ts'

/** Manifests that a target gets: by digest, and with the tags that are made for them. */
export function writtenManifests({ manifests, attachedTags }: PlannedTarget): readonly Manifest[] {
  const byTag = attachedTags.filter(({ action }) => action === 'create')
  return [...manifests, ...byTag.map(({ artifact }) => artifact.manifest)]
}
