import type { ServerCopy } from '../copy/server-copy.ts'
import { asPromotionError, PromotionError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { hexOf } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference, formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Registries } from '../registry/repository.ts'
import type { ArtifactoryClient, ArtifactoryFile } from './artifactory-client.ts'
import type { ArtifactoryInstance } from './artifactory-instance.ts'
import { type BlobOwner, BlobOwners, type MissingImage } from './blob-owners.ts'
import { foldersOf } from './folders-of.ts'

/**
 * Copies the content of a plan inside one Artifactory. An image under a tag of the source is promoted, to a tag that nobody looks at;
 * every other blob is copied as a file, into the folder of its manifest. Manifests besides those of promoted images are left to be pushed:
 * that is when Artifactory takes down their digest and their subject.
 */
export class ArtifactoryCopy implements ServerCopy {
  readonly #instance: ArtifactoryInstance
  readonly #registries: Registries
  readonly #owners: BlobOwners
  /** Whether an image was promoted, by what is missing. */
  readonly #promotions = new Map<MissingImage, Promise<boolean>>()

  constructor(plan: Plan, instance: ArtifactoryInstance, registries: Registries) {
    this.#instance = instance
    this.#registries = registries
    this.#owners = new BlobOwners(plan)
  }

  async bringBlob(blob: Descriptor, to: RepositoryName): Promise<void> {
    const owner = this.#owners.ofBlob(blob.digest, to)
    if (owner === undefined) {
      throw new PromotionError(
        'internal',
        `${blob.digest} is to be copied and belongs to no manifest of the plan`,
      )
    }
    if (owner.image !== undefined && (await this.#promote(owner.image))) return
    await this.#copy(blob, owner, to)
  }

  async bringManifest({ descriptor: { digest } }: Manifest, to: RepositoryName): Promise<boolean> {
    const image = this.#owners.imageOf(digest, to)
    return image !== undefined && (await this.#promote(image))
  }

  get #client(): ArtifactoryClient {
    return this.#instance.client
  }

  /** Once for each image, and before its first blob: with an image come its layers. False where no tag of the source shows it. */
  #promote(image: MissingImage): Promise<boolean> {
    const begun = this.#promotions.get(image) ?? this.#promoteOnce(image)
    this.#promotions.set(image, begun)
    return begun
  }

  async #promoteOnce({ source, target }: MissingImage): Promise<boolean> {
    const { digest, repository } = source
    const [from, to] = [this.#instance.placeOf(repository), this.#instance.placeOf(target)]
    const folders = foldersOf(await this.#client.findFiles(from.key, digest, target), from.image)
    const found = folders.find(({ isTag }) => isTag)
    if (found === undefined) return false
    const promotion = {
      source: { key: found.key, image: from.image },
      tag: found.name,
      target: to,
      targetTag: `promoted-${hexOf(digest)}`,
    }
    const isThere = async () => (await this.#registries.target(target).resolve(digest)) !== undefined
    await unlessDone(() => this.#client.promote(promotion, target), isThere)
    if (await isThere()) return true
    throw new PromotionError(
      'conflict',
      `${formatReference({ repository, tag: found.name })} was promoted, and what arrived is not ${digest}`,
      { hint: 'Somebody moved that tag meanwhile: run again. No tag was moved at the target.' },
    )
  }

  async #copy(blob: Descriptor, { source, folder }: BlobOwner, target: RepositoryName): Promise<void> {
    const { digest } = blob
    const [from, to] = [this.#instance.placeOf(source), this.#instance.placeOf(target)]
    const files = await this.#client.findFiles(from.key, digest, target)
    const isOwn = ({ path }: ArtifactoryFile) => path.startsWith(`${from.image}/`)
    const file = files.find(isOwn) ?? files[0]
    if (file === undefined) {
      throw new PromotionError(
        'incomplete',
        `${formatRepository(source)} has the blob ${digest}, and Artifactory finds no file with that checksum in ${from.key}`,
        {
          hint: 'Set `copy-by` to registry for this image, or ask the operator whether checksums are indexed.',
        },
      )
    }
    const wanted = { key: to.key, path: `${to.image}/${folder}/sha256__${hexOf(digest)}` }
    await unlessDone(
      () => this.#client.copyFile(file, wanted, target),
      () => this.#registries.target(target).hasBlob(blob),
    )
  }
}

/**
 * Throws what an attempt throws, unless what it was for is there: an answer that was lost is asked for again, and Artifactory refuses to
 * write the same file twice to accounts that may not delete.
 */
async function unlessDone(attempt: () => Promise<void>, isDone: () => Promise<boolean>): Promise<void> {
  try {
    await attempt()
  } catch (thrown) {
    const error = asPromotionError(thrown)
    if (error.kind !== 'registry' || !(await isDone().catch(() => false))) throw error
  }
}
