import type { Digest } from '../oci/digest.ts'
import { childrenOf, type Manifest } from '../oci/manifest.ts'

/**
 * Manifests in groups that can be written one after the other, each manifest behind its children and its subject. They are given in such
 * an order already, which is that of a graph.
 */
export function levelsOf(manifests: readonly Manifest[]): readonly (readonly Manifest[])[] {
  const heights = new Map<Digest, number>()
  const levels: Manifest[][] = []
  for (const manifest of manifests) {
    const below = [...childrenOf(manifest), ...(manifest.subject ? [manifest.subject.digest] : [])]
    const height = Math.max(0, ...below.map((digest) => (heights.get(digest) ?? -1) + 1))
    heights.set(manifest.descriptor.digest, height)
    levels[height] = [...(levels[height] ?? []), manifest]
  }
  return levels
}
