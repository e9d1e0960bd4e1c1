import type { AttachedArtifact, ImageGraph } from '../../src/graph/image-graph.ts'
import type { TagKind } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import type { ImageManifest, IndexManifest, Manifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { type Chance, chanceFrom } from './chance.ts'

/** One image of the release; each has a repository of its own, by this name. */
export interface ReleaseImage {
  readonly name: string
  readonly graph: ImageGraph
}

/** How large a release is: images, and bytes of all their layers, each counted once. */
export interface ReleaseSize {
  readonly images: number
  readonly bytes: number
}

const PLATFORMS = ['amd64', 'arm64']
/** Base images; the n-th is used n times less often than the first. */
const BASES = 40
/** Bytes of the layers of a base, about. */
const BASE_LAYERS = [30e6, 8e6, 3e6]
/** Layers that each platform of an image has for itself. */
const OWN_LAYERS = 2
/** Layers are e to this power larger or smaller than in the middle: a few are a hundred times as large as most. */
const SPREAD = 1.2
const SIZES = { config: 3000, manifest: 1500, index: 800, payload: 240, statement: 20_000 }
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
const NO_BYTES = new Uint8Array()

/** Two-platform images on shared bases, each with a `.sig` and an `.att`; the same for the same seed. There are no bytes behind it. */
export function makeRelease({ images, bytes }: ReleaseSize, seed = 1): readonly ReleaseImage[] {
  const chance = chanceFrom(seed)
  const bases = Array.from({ length: BASES }, (_, base) =>
    PLATFORMS.map((platform) => makeBase(`${base} ${platform}`, chance)),
  )
  const chosen = Array.from({ length: images }, () => bases[chance.ranked(BASES)] ?? [])
  const used = new Set(chosen.flat(2))
  const shared = [...used].reduce((sum, { size }) => sum + size, 0)
  const weights = Array.from({ length: images * PLATFORMS.length * OWN_LAYERS }, () => chance.spread(SPREAD))
  const scale = (bytes - shared) / weights.reduce((sum, weight) => sum + weight, 0)
  return chosen.map((base, index) => {
    const children = base.map((layers, platform) => {
      const own = Array.from({ length: OWN_LAYERS }, (_, layer) => {
        const weight = weights[(index * PLATFORMS.length + platform) * OWN_LAYERS + layer] ?? 0
        return describe(`own ${index} ${platform} ${layer}`, LAYER, Math.round(weight * scale))
      })
      return makeImage(`image ${index} ${platform}`, [...layers, ...own])
    })
    return { name: `image-${index}`, graph: makeGraph(`image ${index}`, children) }
  })
}

function makeBase(name: string, chance: Chance): readonly Descriptor[] {
  return BASE_LAYERS.map((size, layer) =>
    describe(`base ${name} ${layer}`, LAYER, Math.round(size * chance.spread(SPREAD / 2))),
  )
}

function makeGraph(name: string, children: readonly ImageManifest[]): ImageGraph {
  const listed = children.map(({ descriptor }) => descriptor)
  const root: IndexManifest = {
    kind: 'index',
    ...makeManifest(`${name} index`, MEDIA_TYPES.ociIndex, SIZES.index),
    children: listed,
  }
  const attached = [attach(name, root, 'sig', SIZES.payload), attach(name, root, 'att', SIZES.statement)]
  const manifests: readonly Manifest[] = [...children, root, ...attached.map(({ manifest }) => manifest)]
  return {
    root,
    manifests: new Map(manifests.map((one) => [one.descriptor.digest, one])),
    attached,
    warnings: [],
  }
}

function attach(name: string, { descriptor }: Manifest, kind: TagKind, size: number): AttachedArtifact {
  const manifest = makeImage(`${name} ${kind}`, [describe(`${name} ${kind} layer`, LAYER, size)])
  return { subject: descriptor.digest, kind, manifest }
}

function makeImage(name: string, layers: readonly Descriptor[]): ImageManifest {
  const config = describe(`${name} config`, MEDIA_TYPES.ociConfig, SIZES.config)
  return { kind: 'image', ...makeManifest(name, MEDIA_TYPES.ociManifest, SIZES.manifest), config, layers }
}

function makeManifest(name: string, mediaType: string, size: number) {
  return { descriptor: describe(name, mediaType, size), bytes: NO_BYTES, annotations: {} }
}

/** What is described exists by its name alone. */
function describe(name: string, mediaType: string, size: number): Descriptor {
  return { mediaType, digest: digestOf(name), size }
}
