import { createHash } from 'node:crypto'
import {
  buildAttestation,
  buildBundleSignature,
  buildReferrer,
  buildSignatures,
} from '../../__tests__/builders/build-attached.ts'
import { buildIndex } from '../../__tests__/builders/build-index.ts'
import type { KeyPair } from '../../__tests__/builders/build-keys.ts'
import { BuiltArtifact, type BuiltBlob, buildBlob } from '../../__tests__/builders/built-artifact.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { randomBytes } from './random-bytes.ts'
import type { SampleImage } from './sample-image.ts'

const KIB = 1024
const MIB = 1024 * KIB
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
const PREDICATE = 'https://example.com/bench/v1'
/** Bytes of the three layers that all images of a release share. */
const BASE_LAYERS = [8 * MIB, 4 * MIB, 2 * MIB]
const OWN_LAYER = 200 * KIB
const SBOM_BYTES = 20 * KIB

/** One image of four layers of 256 MiB, without anything attached (workload A). */
export function buildLargeImage(): SampleImage {
  const layers = [1, 2, 3, 4].map((number) => randomLayer(`large layer ${number}`, 256 * MIB))
  return { tag: 'v1', image: imageOf(layers, 'amd64', 'large'), attached: [] }
}

/** How the images of a release differ from the plain one. */
export interface ReleaseParts {
  readonly keys: KeyPair
  readonly count: number
  /** A Sigstore bundle and an SBOM as referrers on each index (workload E). */
  readonly referrers?: boolean
}

/** Two-platform images that share three base layers, each with a layer of its own, a `.sig` and an `.att` (workload B). */
export function buildRelease({ keys, count, referrers = false }: ReleaseParts): readonly SampleImage[] {
  const base = buildBase()
  return numbers(count).map((number) => {
    const sample = buildMember(`image ${number}`, `v${number}`, base, keys)
    return referrers ? withReferrers(sample, keys) : sample
  })
}

/** The same images, signatures and all, but for one that is built anew under its old tag (workload D). */
export function changeRelease(
  release: readonly SampleImage[],
  changed: number,
  keys: KeyPair,
): readonly SampleImage[] {
  return release.map((sample, index) =>
    index + 1 === changed ? buildMember(`image ${changed}, changed`, sample.tag, buildBase(), keys) : sample,
  )
}

function buildBase(): readonly BuiltBlob[] {
  return BASE_LAYERS.map((size, index) => randomLayer(`base layer ${index}`, size))
}

function buildMember(seed: string, tag: string, base: readonly BuiltBlob[], keys: KeyPair): SampleImage {
  const layers = [...base, randomLayer(seed, OWN_LAYER)]
  const image = buildIndex(['amd64', 'arm64'].map((platform) => imageOf(layers, platform, seed)))
  const { descriptor } = image
  const attached = [buildSignatures(descriptor, [{ keys }]), buildAttestation(descriptor, keys, PREDICATE)]
  return { tag, image, attached }
}

function withReferrers({ tag, image, attached }: SampleImage, keys: KeyPair): SampleImage {
  const { descriptor } = image
  const sbom = randomBytes(`SBOM of ${descriptor.digest}`, SBOM_BYTES)
  const referrers = [
    buildBundleSignature(descriptor, { keys }),
    buildReferrer(descriptor, 'application/spdx+json', sbom),
  ]
  return { tag, image, attached: [...attached, ...referrers] }
}

/** Tiny one-platform images that share their only layer, signed with a `.sig` if keys are given (workload G, the scale curve). */
export function buildTinyImages(name: string, count: number, keys?: KeyPair): SampleImage[] {
  const layer = randomLayer('tiny', KIB)
  return numbers(count).map((number) => {
    const image = imageOf([layer], 'amd64', `${name} ${number}`)
    return {
      tag: `v${number}`,
      image,
      attached: keys ? [buildSignatures(image.descriptor, [{ keys }])] : [],
    }
  })
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function randomLayer(name: string, size: number): BuiltBlob {
  return buildBlob(LAYER, randomBytes(name, size))
}

function imageOf(layers: readonly BuiltBlob[], architecture: string, seed: string): BuiltArtifact {
  const config = buildBlob(
    MEDIA_TYPES.ociConfig,
    JSON.stringify({
      os: 'linux',
      architecture,
      config: { Labels: { seed } },
      // No tool unpacks the layers, which are no archives; what stands here only has to look like digests.
      rootfs: { type: 'layers', diff_ids: layers.map(({ descriptor }) => diffId(descriptor.digest)) },
    }),
  )
  const manifest = makeImageManifest({
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  })
  return new BuiltArtifact(manifest, { blobs: [config, ...layers] })
}

function diffId(digest: string): string {
  return `sha256:${createHash('sha256').update(digest).digest('hex')}`
}
