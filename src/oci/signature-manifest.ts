import { PromotionError } from '../errors.ts'
import type { Annotations, Descriptor } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { type ImageManifest, type Manifest, makeImageManifest } from './manifest.ts'
import { MEDIA_TYPES } from './media-types.ts'

/** A manifest for a `.sig` or `.att` tag, with the bytes of its config, which has to be pushed before it. */
export interface SignatureManifest {
  readonly manifest: ImageManifest
  readonly config: Uint8Array
}

/** What should stand under a tag: any manifest that was read is one. */
export interface WantedLayers {
  readonly layers: readonly Descriptor[]
  readonly annotations?: Annotations
}

/** The time that cosign writes where no time is meant. */
const NO_TIME = '0001-01-01T00:00:00Z'

/**
 * The manifest that holds what stands under a `.sig` or `.att` tag and, behind it, the wanted layers that it lacks; `undefined` when it
 * lacks none (cosign, specs/SIGNATURE_SPEC.md, "Storage"). A layer is the same when its digest and all its annotations are: two
 * signatures over one payload differ in their annotations only. Throws a PromotionError of kind `conflict` when an index stands there.
 */
export function mergeLayers(
  current: Manifest | undefined,
  wanted: WantedLayers,
): SignatureManifest | undefined {
  const standing = current === undefined ? undefined : asSignatureManifest(current)
  const present = standing?.layers ?? []
  const missing = missingLayers(present, wanted.layers)
  if (missing.length === 0) return undefined
  const layers = [...present, ...missing]
  const config = formatConfig(layers)
  const manifest = makeImageManifest({
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf(config), size: config.byteLength },
    layers,
    annotations: { ...wanted.annotations, ...standing?.annotations },
    ...(standing?.subject && { subject: standing.subject }),
    ...(standing && ownArtifactType(standing)),
  })
  return { manifest, config }
}

/** The layers that are not among those present, each once and in their order. */
export function missingLayers(
  present: readonly Descriptor[],
  wanted: readonly Descriptor[],
): readonly Descriptor[] {
  const known = new Set(present.map(identityOf))
  return wanted.filter((layer) => {
    const identity = identityOf(layer)
    if (known.has(identity)) return false
    known.add(identity)
    return true
  })
}

function asSignatureManifest(manifest: Manifest): ImageManifest {
  if (manifest.kind === 'image') return manifest
  throw new PromotionError(
    'conflict',
    `An index (${manifest.descriptor.digest}) stands under a tag for signatures`,
    {
      hint: 'Nothing can be added to it without losing it: find out who put it there, and move it to another tag.',
    },
  )
}

function identityOf({ digest, annotations = {} }: Descriptor): string {
  const sorted = Object.entries(annotations).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([digest, sorted])
}

/** An image config in cosign's words: the layers are their own diff_ids, because they are not compressed. */
function formatConfig(layers: readonly Descriptor[]): Uint8Array {
  const config = {
    architecture: '',
    created: NO_TIME,
    history: layers.map(() => ({ created: NO_TIME })),
    os: '',
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    config: {},
  }
  return Buffer.from(JSON.stringify(config))
}

function ownArtifactType({ artifactType, config }: ImageManifest): { readonly artifactType?: string } {
  return artifactType === undefined || artifactType === config.mediaType ? {} : { artifactType }
}
