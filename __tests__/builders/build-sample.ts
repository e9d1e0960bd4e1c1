import type { AttachedKind } from '../../src/graph/image-graph.ts'
import type { Digest } from '../../src/oci/digest.ts'
import type { RegistryStore } from '../fakes/registry-store.ts'
import {
  buildAttestation,
  buildBundleSignature,
  buildReferrer,
  buildSbom,
  buildSignatures,
} from './build-attached.ts'
import { buildImage } from './build-image.ts'
import { buildIndex } from './build-index.ts'
import type { KeyPair } from './build-keys.ts'
import type { BuiltArtifact } from './built-artifact.ts'

/** One thing attached to some part of an image. */
export interface BuiltAttachment {
  readonly subject: Digest
  readonly kind: AttachedKind
  readonly artifact: BuiltArtifact
}

/** An image with all that is attached to it. */
export class BuiltSample {
  readonly image: BuiltArtifact
  readonly children: readonly BuiltArtifact[]
  /** Each behind its subject. */
  readonly attached: readonly BuiltAttachment[]

  constructor(
    image: BuiltArtifact,
    children: readonly BuiltArtifact[],
    attached: readonly BuiltAttachment[],
  ) {
    this.image = image
    this.children = children
    this.attached = attached
  }

  /** The image first, under the tag, then what is attached. */
  putInto(store: RegistryStore, repository: string, tag?: string): void {
    this.image.putInto(store, repository, tag)
    for (const { artifact } of this.attached) artifact.putInto(store, repository)
  }

  async pushTo(host: string, repository: string, tag?: string): Promise<void> {
    await this.image.pushTo(host, repository, tag)
    for (const { artifact } of this.attached) await artifact.pushTo(host, repository)
  }
}

/**
 * A two-platform index with `.sig`, `.att` and `.sbom` on the index and on its first child, two referrers on the index (one of them a
 * signature), one on the first child and one on a referrer. All signatures are by `keys` and valid; `annotations` are in each of them.
 */
export function buildCompleteSample(
  seed: string,
  keys: KeyPair,
  annotations: Readonly<Record<string, string>> = {},
): BuiltSample {
  const first = buildImage({ seed, platform: { os: 'linux', architecture: 'amd64' } })
  const second = buildImage({ seed, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } })
  const index = buildIndex([first, second])
  const scan = buildReferrer(index.descriptor, 'application/vnd.example.scan', `scan of ${seed}`)
  const attached = [
    ...attachAll(index, seed, keys, annotations),
    ...attachAll(first, seed, keys, annotations),
    referrer(index, buildBundleSignature(index.descriptor, { keys, annotations })),
    referrer(index, scan),
    referrer(first, buildBundleSignature(first.descriptor, { keys, annotations })),
    referrer(scan, buildReferrer(scan.descriptor, 'application/vnd.example.note', `note on ${seed}`)),
  ]
  return new BuiltSample(index, [first, second], attached)
}

function attachAll(
  subject: BuiltArtifact,
  seed: string,
  keys: KeyPair,
  annotations: Readonly<Record<string, string>>,
): readonly BuiltAttachment[] {
  const { descriptor, digest } = subject
  const predicateType = 'https://cosign.sigstore.dev/attestation/v1'
  return [
    { subject: digest, kind: 'sig', artifact: buildSignatures(descriptor, [{ keys, annotations }]) },
    { subject: digest, kind: 'att', artifact: buildAttestation(descriptor, keys, predicateType) },
    { subject: digest, kind: 'sbom', artifact: buildSbom(descriptor, seed) },
  ]
}

function referrer(subject: BuiltArtifact, artifact: BuiltArtifact): BuiltAttachment {
  return { subject: subject.digest, kind: 'referrer', artifact }
}
