import type { Digest } from '../oci/digest.ts'
import { blobsOf, type Manifest } from '../oci/manifest.ts'
import { formatRepository, type PinnedReference, type RepositoryName } from '../oci/reference.ts'
import type { Plan, PlannedImage, PlannedTarget } from '../plan/plan.ts'

/** An image that a repository lacks. */
export interface MissingImage {
  readonly source: PinnedReference
  readonly target: RepositoryName
}

/** Where a blob is found, and where it belongs at a target. */
export interface BlobOwner {
  readonly source: RepositoryName
  /** The folder of the manifest that names it: Artifactory keeps layers beside their manifest. */
  readonly folder: string
  /** The image to which it belongs and with which it comes, when that is missing as well. */
  readonly image: MissingImage | undefined
}

/** What of a plan belongs where in Artifactory's folders. */
export class BlobOwners {
  readonly #blobs = new Map<string, BlobOwner>()
  readonly #images = new Map<string, MissingImage>()

  constructor(plan: Plan) {
    for (const image of plan.images) {
      for (const target of image.targets) this.#addTarget(image, target)
    }
  }

  /** Undefined for a blob that the plan does not know at this repository. */
  ofBlob(digest: Digest, at: RepositoryName): BlobOwner | undefined {
    return this.#blobs.get(keyOf(digest, at))
  }

  /** The image whose root this manifest is, where the repository lacks it. */
  imageOf(digest: Digest, at: RepositoryName): MissingImage | undefined {
    return this.#images.get(keyOf(digest, at))
  }

  #addTarget({ image, graph }: PlannedImage, target: PlannedTarget): void {
    const { repository } = target
    const root = graph.root.descriptor.digest
    const pushed = new Set(target.manifests.map(({ descriptor }) => descriptor.digest))
    // One image may be in a list twice, and is promoted once.
    const known = this.#images.get(keyOf(root, repository))
    const missing = pushed.has(root) ? (known ?? { source: image.reference, target: repository }) : undefined
    if (missing !== undefined) this.#images.set(keyOf(root, repository), missing)
    const ownTags = new Map(
      target.attachedTags
        .filter(({ artifact }) => !pushed.has(artifact.manifest.descriptor.digest))
        .map(({ tag, artifact }) => [artifact.manifest.descriptor.digest, tag]),
    )
    const add = (manifest: Manifest, folder: string) => {
      const { digest } = manifest.descriptor
      const owner = {
        source: image.reference.repository,
        folder,
        image: digest === root ? missing : undefined,
      }
      for (const blob of blobsOf(manifest)) {
        const key = keyOf(blob.digest, repository)
        if (!this.#blobs.has(key)) this.#blobs.set(key, owner)
      }
    }
    for (const manifest of graph.manifests.values()) {
      const { digest } = manifest.descriptor
      add(manifest, ownTags.get(digest) ?? digest)
    }
  }
}

function keyOf(digest: Digest, repository: RepositoryName): string {
  return `${formatRepository(repository)}@${digest}`
}
