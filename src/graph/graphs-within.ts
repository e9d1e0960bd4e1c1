import { childrenOf } from '../oci/manifest.ts'
import type { ImageGraph } from './image-graph.ts'

/** The graph of every manifest that an index lists, and those that the indexes in it list, each before what lists it; the whole comes last. */
export function graphsWithin(graph: ImageGraph): readonly ImageGraph[] {
  const within = new Set(childrenOf(graph.root))
  for (const digest of within) {
    const manifest = graph.manifests.get(digest)
    for (const child of manifest === undefined ? [] : childrenOf(manifest)) within.add(child)
  }
  const parts = [...graph.manifests].filter(([digest]) => within.has(digest))
  return [...parts.map(([, root]) => ({ ...graph, root })), graph]
}
