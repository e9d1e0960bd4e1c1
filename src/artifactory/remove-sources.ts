import { runAll } from '../concurrency.ts'
import { asPromotionError, PromotionError } from '../errors.ts'
import type { AttachedArtifact, ImageGraph } from '../graph/image-graph.ts'
import { attachedTag, fallbackTag } from '../oci/attached-tag.ts'
import type { Digest } from '../oci/digest.ts'
import { childrenOf } from '../oci/manifest.ts'
import { formatReference, formatRepository, type PinnedReference } from '../oci/reference.ts'
import type { Plan, PlannedImage } from '../plan/plan.ts'
import type { Registries } from '../registry/repository.ts'
import type { ArtifactoryInstance } from './artifactory-instance.ts'
import { foldersOf, type ManifestFolder } from './folders-of.ts'

/**
 * Removes each image of a plan from where it came: its tags first, and what is attached to it when nothing shows it any more. A move by the
 * server's own promotion would come before anything is verified, and would leave the signatures. What another image may need stays:
 * the parts of an index, and an image without an index that was pushed by its digest, which may be such a part. Returns what stays,
 * each as a sentence. Throws a PromotionError of kind `incomplete` for each image that could not be removed, and removes none when a
 * target does not have all that was promoted any more.
 */
export async function removeSources(
  plan: Plan,
  instance: ArtifactoryInstance,
  registries: Registries,
): Promise<readonly string[]> {
  await runAll(plan.images, (planned) => requirePromoted(planned, registries))
  const images = new Map(plan.images.map((planned) => [formatReference(planned.image.reference), planned]))
  const left = await runAll([...images.values()], async ({ image, graph }) => {
    try {
      return await new Removal(image.reference, instance, registries).run(graph)
    } catch (thrown) {
      throw notRemoved(image.reference, asPromotionError(thrown))
    }
  })
  return left.flat()
}

/** The last look before what is here is all that is left; what hangs by a tag may have been merged with what others put there. */
async function requirePromoted(
  { image, graph, targets }: PlannedImage,
  registries: Registries,
): Promise<void> {
  const byTag = new Set(
    graph.attached
      .filter(({ kind }) => kind !== 'referrer')
      .map(({ manifest }) => manifest.descriptor.digest),
  )
  const digests = [...graph.manifests.keys()].filter((digest) => !byTag.has(digest))
  for (const { repository } of targets) {
    for (const digest of digests) {
      if ((await registries.target(repository).resolve(digest)) !== undefined) continue
      throw new PromotionError(
        'incomplete',
        `${formatReference(image.reference)} is not removed from the source: ${formatRepository(repository)} does not have ${digest} any more`,
        { hint: 'Nothing was removed: find out what deletes images at the target, and run again.' },
      )
    }
  }
}

/** One image on its way out of the source. */
class Removal {
  readonly #source: PinnedReference
  readonly #instance: ArtifactoryInstance
  readonly #registries: Registries

  constructor(source: PinnedReference, instance: ArtifactoryInstance, registries: Registries) {
    this.#source = source
    this.#instance = instance
    this.#registries = registries
  }

  async run(graph: ImageGraph): Promise<readonly string[]> {
    const { digest } = this.#source
    const name = formatReference(this.#source)
    const folders = await this.#find(digest)
    const staying = graph.root.kind === 'image' ? folders.filter(({ isTag }) => !isTag) : []
    await this.#remove(folders.filter((folder) => !staying.includes(folder)))
    if (staying.length > 0) {
      return [
        `${name} and what is attached to it stay at the source by their digests: an index may need them`,
      ]
    }
    const attached = attachedTo(graph)
    for (const artifact of attached) await this.#removeAttached(artifact)
    for (const subject of [digest, ...attached.map(({ manifest }) => manifest.descriptor.digest)]) {
      await this.#removeFallback(subject)
    }
    return childrenOf(graph.root).length === 0
      ? []
      : [`The parts of ${name} stay at the source by their digests: another index may need them`]
  }

  async #find(digest: Digest): Promise<readonly ManifestFolder[]> {
    const { repository } = this.#source
    const { key, image } = this.#instance.placeOf(repository)
    const folders = foldersOf(await this.#instance.client.findFiles(key, digest, repository), image)
    // A search may show the files of other repositories as well, among them those of a target.
    return folders.filter((folder) => folder.key === key)
  }

  async #remove(folders: readonly Pick<ManifestFolder, 'key' | 'name'>[]): Promise<void> {
    const { repository } = this.#source
    const { image } = this.#instance.placeOf(repository)
    for (const { key, name } of folders) {
      await this.#instance.client.remove({ key, path: `${image}/${name}` }, repository)
    }
  }

  /** What hangs by a tag may hang by another one on something that stays, an SBOM for one, since it does not name its subject. */
  async #removeAttached({ kind, subject, manifest }: AttachedArtifact): Promise<void> {
    const folders = await this.#find(manifest.descriptor.digest)
    const tag = kind === 'referrer' ? undefined : attachedTag(subject, kind)
    await this.#remove(folders.filter(({ name }) => tag === undefined || name === tag))
  }

  /** The index of a fallback tag is no part of the image: it is found by the tag, and then by what that shows. */
  async #removeFallback(subject: Digest): Promise<void> {
    const tag = fallbackTag(subject)
    const index = await this.#registries.source(this.#source.repository).resolve(tag)
    const folders = index === undefined ? [] : await this.#find(index.digest)
    await this.#remove(folders.filter(({ name }) => name === tag))
  }
}

/** What is attached to the image itself, and what is attached to that; not what is attached to its parts, which stay. */
function attachedTo({ root, attached }: ImageGraph): readonly AttachedArtifact[] {
  const found = new Set<AttachedArtifact>()
  const subjects = new Set([root.descriptor.digest])
  // The set grows while it is gone through.
  for (const digest of subjects) {
    for (const artifact of attached.filter(({ subject }) => subject === digest)) {
      found.add(artifact)
      subjects.add(artifact.manifest.descriptor.digest)
    }
  }
  return [...found]
}

function notRemoved(source: PinnedReference, cause: PromotionError): PromotionError {
  return new PromotionError(
    'incomplete',
    `${formatReference(source)} is promoted, and was not removed from the source: ${cause.message}`,
    { cause, hint: `All targets are complete; remove it by hand. ${cause.hint ?? ''}`.trim() },
  )
}
