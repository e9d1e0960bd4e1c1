import pMap from 'p-map'
import { PromotionError } from '../errors.ts'
import { attachedTag, TAG_KINDS } from '../oci/attached-tag.ts'
import { type Descriptor, formatPlatform } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { isForeignLayer } from '../oci/media-types.ts'
import { formatRepository } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { atomicSignaturesOf } from './atomic-signatures-of.ts'
import type { AttachedArtifact, ImageGraph } from './image-graph.ts'
import { imageNotFound } from './image-not-found.ts'
import type { Known } from './known.ts'
import { ManifestReader } from './manifest-reader.ts'

/** How many questions about one image are open at a time. */
const QUESTIONS = 8
/** Index in index in index: deeper than any tool builds. */
const DEEPEST_INDEX = 4
/** Attached to the image, to that, and to that again. */
const DEEPEST_ATTACHMENT = 3

/**
 * Finds an image and everything that belongs to it: children of indexes, `.sig`, `.att` and `.sbom` tags, and referrers, of every
 * manifest found and to a depth of three; `known` spares questions. Undefined when the digest is a confirmed 404. A part that is missing,
 * and more than any image has, throws a PromotionError of kind `incomplete`; a question without a clear answer throws a RegistryError.
 */
export async function discoverGraph(
  repository: SourceRepository,
  digest: Digest,
  known: Known = {},
): Promise<ImageGraph | undefined> {
  return await new Discovery(repository, known).from(digest)
}

class Discovery {
  readonly #repository: SourceRepository
  readonly #known: Known
  readonly #reader: ManifestReader
  readonly #manifests = new Map<Digest, Manifest>()
  readonly #attached: AttachedArtifact[] = []
  readonly #warnings: string[] = []

  constructor(repository: SourceRepository, known: Known) {
    this.#repository = repository
    this.#known = known
    this.#reader = new ManifestReader(repository, known)
  }

  async from(digest: Digest): Promise<ImageGraph | undefined> {
    const root = await this.#reader.byDigest(digest)
    if (root === undefined) return undefined
    let subjects = await this.#addWithChildren(root, 0)
    for (let depth = 0; subjects.length > 0; depth++) {
      const found = (
        await pMap(subjects, (subject) => this.#attachedTo(subject), { concurrency: QUESTIONS })
      ).flat()
      if (found.length > 0 && depth >= DEEPEST_ATTACHMENT) throw this.#tooDeep(found[0]?.subject)
      this.#attached.push(...found)
      const added: Manifest[] = []
      for (const { manifest } of found) added.push(...(await this.#addWithChildren(manifest, 0)))
      subjects = added
    }
    const signed = [...this.#manifests.keys()].filter((one) => this.#known.subjects?.has(one) !== false)
    const atomic = await atomicSignaturesOf(signed, this.#repository)
    return {
      root,
      manifests: this.#manifests,
      attached: this.#attached,
      ...(atomic && { atomic }),
      warnings: this.#warnings,
    }
  }

  /** Adds a manifest behind all that it lists; returns those that were not known yet. */
  async #addWithChildren(manifest: Manifest, depth: number): Promise<Manifest[]> {
    const { digest } = manifest.descriptor
    if (this.#manifests.has(digest)) return []
    const added: Manifest[] = []
    if (manifest.kind === 'index' && !this.#known.alone) {
      if (depth >= DEEPEST_INDEX) throw this.#tooDeep(digest)
      this.#reader.requireRoomFor(manifest.children.map((child) => child.digest))
      const children = await pMap(manifest.children, (child) => this.#fetchChild(child, digest), {
        concurrency: QUESTIONS,
      })
      for (const child of children) {
        if (child !== undefined) added.push(...(await this.#addWithChildren(child, depth + 1)))
      }
    }
    this.#manifests.set(digest, manifest)
    this.#warnOfForeignLayers(manifest)
    return [...added, manifest]
  }

  async #fetchChild(child: Descriptor, index: Digest): Promise<Manifest | undefined> {
    const manifest = await this.#reader.byDigest(child.digest)
    if (manifest !== undefined) {
      if (manifest.descriptor.size === child.size) return manifest
      throw this.#broken(
        `${child.digest} has ${manifest.descriptor.size} bytes, but ${index} lists it with ${child.size}`,
      )
    }
    if (this.#known.mayLackChildren) return undefined
    const platform = child.platform === undefined ? '' : ` (${formatPlatform(child.platform)})`
    throw this.#broken(`the index ${index} lists ${child.digest}${platform}, which is not there`)
  }

  async #attachedTo(subject: Manifest): Promise<readonly AttachedArtifact[]> {
    const { digest } = subject.descriptor
    if (this.#known.subjects?.has(digest) === false) return []
    const [byTag, referrers] = await Promise.all([
      Promise.all(TAG_KINDS.map((kind) => this.#reader.byTag(attachedTag(digest, kind)))),
      this.#referrersOf(digest),
    ])
    const tagged = TAG_KINDS.flatMap((kind, index) => {
      const manifest = byTag[index]
      return manifest === undefined ? [] : [{ subject: digest, kind, manifest }]
    })
    return [
      ...tagged,
      ...referrers.map((manifest) => ({ subject: digest, kind: 'referrer' as const, manifest })),
    ]
  }

  async #referrersOf(subject: Digest): Promise<readonly Manifest[]> {
    const listed = await this.#repository.listReferrers(subject, await this.#known.tags)
    const opened = await pMap(listed, ({ digest }) => this.#openReferrer(digest, subject), {
      concurrency: QUESTIONS,
    })
    return opened.filter((manifest) => manifest !== undefined)
  }

  /** A list is a claim: what it names must be there, and must itself name the subject. */
  async #openReferrer(digest: Digest, subject: Digest): Promise<Manifest | undefined> {
    const manifest = await this.#reader.byDigest(digest)
    const where = `${formatRepository(this.#repository.name)} lists ${digest} as a referrer of ${subject}`
    if (manifest === undefined) this.#warnings.push(`${where}, but has no such manifest: left out.`)
    else if (manifest.subject?.digest !== subject)
      this.#warnings.push(`${where}, which is not its subject: left out.`)
    else return manifest
    return undefined
  }

  #warnOfForeignLayers(manifest: Manifest): void {
    const layers = manifest.kind === 'image' ? manifest.layers : []
    const foreign = layers.filter(isForeignLayer)
    if (foreign.length === 0) return
    const where = `${formatRepository(this.#repository.name)}: ${foreign.length} of ${layers.length} layers of ${manifest.descriptor.digest}`
    this.#warnings.push(`${where} not copied: their media type and urls say that they are kept elsewhere.`)
  }

  #tooDeep(digest: Digest | undefined): PromotionError {
    return this.#broken(`what belongs to it is nested too deeply at ${digest}`)
  }

  #broken(why: string): PromotionError {
    return new PromotionError('incomplete', `${formatRepository(this.#repository.name)}: ${why}`, {
      hint: 'The image is not whole where it is; push it again, or copy it there again with all its parts.',
    })
  }
}

/** The graph of an image that has to be there; throws a PromotionError of kind `input` when it is not. */
export async function requireGraph(
  repository: SourceRepository,
  digest: Digest,
  known: Known,
): Promise<ImageGraph> {
  const graph = await discoverGraph(repository, digest, known)
  if (graph !== undefined) return graph
  throw imageNotFound({ repository: repository.name, digest })
}
