import type { Annotations, Descriptor, Platform } from '../../src/oci/descriptor.ts'
import { makeIndexManifest } from '../../src/oci/manifest.ts'
import { BuiltArtifact } from './built-artifact.ts'

/** An index over images or other indexes, each entry with the platform of its config where it has one. */
export function buildIndex(children: readonly BuiltArtifact[], annotations: Annotations = {}): BuiltArtifact {
  return new BuiltArtifact(makeIndexManifest(children.map(entryOf), annotations), { children })
}

function entryOf(child: BuiltArtifact): Descriptor {
  const { manifest, blobs, descriptor } = child
  if (manifest.kind === 'index') return descriptor
  const config = blobs.find((blob) => blob.descriptor.digest === manifest.config.digest)
  const { os, architecture, variant } = JSON.parse(config?.bytes.toString() ?? '{}') as Partial<Platform>
  if (os === undefined || architecture === undefined) return descriptor
  return { ...descriptor, platform: { os, architecture, ...(variant && { variant }) } }
}
