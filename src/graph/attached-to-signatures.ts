import type { AttachedArtifact, ImageGraph } from './image-graph.ts'

/**
 * What hangs on the manifest under an image's `.sig` tag, such as a referrer of it. One more signature makes that tag name another
 * manifest, and these are then not found from the image any longer.
 */
export function attachedToSignatures({ root, attached }: ImageGraph): readonly AttachedArtifact[] {
  const signatures = attached.find(
    ({ subject, kind }) => kind === 'sig' && subject === root.descriptor.digest,
  )
  return attached.filter(({ subject }) => subject === signatures?.manifest.descriptor.digest)
}
