import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import type { ImageManifest } from '../../src/oci/manifest.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { assemblePlan } from '../../src/plan/assemble-plan.ts'
import { HeldBlobs } from '../../src/plan/held-blobs.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { listedImage } from './listed-image.ts'

/** Sizes of the layers of an image in bytes, by their names: two images that name the same layer share it. */
export type ImageShape = Readonly<Record<string, number>>

interface Places {
  /** Hosts of the targets. */
  readonly to?: readonly string[]
  /** Whether each image has a repository of its own. */
  readonly spread?: boolean
}

const OCTETS = 'application/octet-stream'
const CONFIG_SIZE = 1000
const MANIFEST_SIZE = 1000
const SOURCE = 'dev.example'

/** A plan for images of these shapes, none of which is at any target; no byte of them exists. */
export function shapedPlan(
  shapes: readonly ImageShape[],
  { to = ['prod.example'], spread = true }: Places = {},
): Plan {
  const looked = shapes.map((layers, index) => {
    const path = spread ? `app/${index}` : 'app'
    const root = shapedImage(layers, index)
    return {
      image: listedImage(`${SOURCE}/${path}`, root.descriptor.digest, index + 1),
      graph: { root, manifests: new Map([[root.descriptor.digest, root]]), attached: [], warnings: [] },
      tags: ['v1'],
      targets: to.map((host) => ({
        repository: parseRepositoryName(`${host}/${path}`),
        state: { graph: undefined, tags: new Map() },
      })),
    }
  })
  return assemblePlan(looked, new HeldBlobs(), { existingTags: 'refuse' }).plan
}

function shapedImage(layers: ImageShape, index: number): ImageManifest {
  return {
    kind: 'image',
    descriptor: described(`manifest ${index}`, MANIFEST_SIZE),
    bytes: new Uint8Array(),
    annotations: {},
    config: described(`config ${index}`, CONFIG_SIZE),
    layers: Object.entries(layers).map(([name, size]) => described(name, size)),
  }
}

function described(name: string, size: number): Descriptor {
  return { mediaType: OCTETS, digest: digestOf(name), size }
}
