import type { Descriptor } from '../oci/descriptor.ts'
import { isForeignLayer } from '../oci/media-types.ts'
import type { ImageGraph } from './image-graph.ts'

/** Every blob of a graph once; layers whose bytes live elsewhere by design are not the registry's to hold. */
export function blobsOfGraph(graph: ImageGraph): readonly Descriptor[] {
  const blobs = [...graph.manifests.values()].flatMap((manifest) =>
    manifest.kind === 'image'
      ? [manifest.config, ...manifest.layers.filter((layer) => !isForeignLayer(layer))]
      : [],
  )
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()]
}
