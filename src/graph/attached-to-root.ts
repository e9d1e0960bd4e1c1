import type { ImageGraph } from './image-graph.ts'

/** What is attached to the image itself as one text: the same for two graphs of it to which the same is attached, so that one verdict holds for both. */
export function attachedToRoot({ root, attached }: ImageGraph): string {
  const own = attached.filter(({ subject }) => subject === root.descriptor.digest)
  const names = own.map(({ kind, manifest }) => `${kind} ${manifest.descriptor.digest}`)
  return [...new Set(names)].sort().join('\n')
}
