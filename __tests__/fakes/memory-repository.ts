import { PromotionError } from '../../src/errors.ts'
import type { AtomicSignature } from '../../src/oci/atomic-signature.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf, isDigest } from '../../src/oci/digest.ts'
import { bareDescriptor, type Manifest } from '../../src/oci/manifest.ts'
import { formatRepository, type RepositoryName } from '../../src/oci/reference.ts'
import type {
  AtomicSignatures,
  Merge,
  OpenBlob,
  Preflight,
  TargetRepository,
  UploadAnswer,
} from '../../src/registry/repository.ts'

/** A repository in memory that checks what a registry would check and remembers what was written. */
export class MemoryRepository implements TargetRepository {
  readonly name: RepositoryName
  readonly blobs = new Map<Digest, Uint8Array>()
  readonly manifests = new Map<Digest, Manifest>()
  readonly tags = new Map<string, Digest>()
  /** Without the API a referrer is found only when it was listed, as by a fallback tag. */
  hasReferrersApi = true
  readonly listed = new Set<Digest>()
  /** GPG signatures; undefined where none are kept. */
  atomic: AtomicSignature[] | undefined
  /** Each write that was asked for, in its order: `blob DIGEST`, `manifest DIGEST`, `tag NAME`, `mount DIGEST`, `remove NAME`. */
  readonly writes: string[] = []
  /** Where blobs can be mounted from. */
  readonly siblings: readonly MemoryRepository[]

  constructor(name: RepositoryName, siblings: readonly MemoryRepository[] = []) {
    this.name = name
    this.siblings = siblings
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return this.#find(reference)?.descriptor
  }

  async fetchManifest(reference: string): Promise<Manifest | undefined> {
    return this.#find(reference)
  }

  async hasBlob(blob: Descriptor): Promise<boolean> {
    return this.blobs.has(blob.digest)
  }

  async hasWholeBlob(blob: Descriptor): Promise<boolean> {
    if (!this.blobs.has(blob.digest)) return false
    for await (const _ of this.fetchBlob(blob));
    return true
  }

  async *fetchBlob(blob: Descriptor): AsyncGenerator<Uint8Array> {
    const bytes = this.blobs.get(blob.digest)
    if (bytes === undefined) throw this.#refuse(`has no blob ${blob.digest}`)
    checkBlob(bytes, blob)
    yield bytes
  }

  async readBlob(blob: Descriptor, limit: number): Promise<Uint8Array> {
    if (blob.size > limit)
      throw this.#refuse(`was asked for a blob of ${blob.size} bytes, more than ${limit}`)
    return join(this.fetchBlob(blob))
  }

  async listReferrers(subject: Digest): Promise<readonly Descriptor[]> {
    return [...this.manifests.values()]
      .filter((manifest) => manifest.subject?.digest === subject)
      .filter(({ descriptor }) => this.hasReferrersApi || this.listed.has(descriptor.digest))
      .map(({ descriptor, artifactType, annotations }) => ({
        ...bareDescriptor(descriptor),
        ...(artifactType && { artifactType }),
        annotations,
      }))
  }

  async listTags(_mostPages: number): Promise<ReadonlySet<string>> {
    return new Set(this.tags.keys())
  }

  async beginUpload(blob: Descriptor, from?: RepositoryName): Promise<UploadAnswer> {
    if (from !== undefined && (await this.mount(blob, from))) return 'mounted'
    if (this.blobs.has(blob.digest)) return 'present'
    return { send: (content) => this.receive(blob, content), cancel: () => Promise.resolve() }
  }

  async pushBlob(blob: Descriptor, bytes: Uint8Array): Promise<void> {
    const answer = await this.beginUpload(blob)
    if (typeof answer !== 'string') await answer.send(bytes)
  }

  /** Takes a blob over from a sibling; `false` where that has none. */
  protected async mount(blob: Descriptor, from: RepositoryName): Promise<boolean> {
    const sibling = this.siblings.find(({ name }) => formatRepository(name) === formatRepository(from))
    const bytes = sibling?.blobs.get(blob.digest)
    if (bytes === undefined) return false
    this.writes.push(`mount ${blob.digest}`)
    this.blobs.set(blob.digest, bytes)
    return true
  }

  /** Takes the bytes of an upload. */
  protected async receive(blob: Descriptor, content: Uint8Array | OpenBlob): Promise<void> {
    this.writes.push(`blob ${blob.digest}`)
    const bytes = content instanceof Uint8Array ? content : await join(content())
    checkBlob(bytes, blob)
    this.blobs.set(blob.digest, bytes)
  }

  async pushManifest(manifest: Manifest): Promise<void> {
    this.writes.push(`manifest ${manifest.descriptor.digest}`)
    this.#store(manifest)
  }

  async listAsReferrer({ descriptor }: Manifest): Promise<void> {
    if (!this.manifests.has(descriptor.digest)) throw this.#refuse('was asked to list what it does not have')
    this.listed.add(descriptor.digest)
  }

  async tag(tag: string, manifest: Manifest): Promise<void> {
    this.writes.push(`tag ${tag}`)
    this.#store(manifest)
    this.tags.set(tag, manifest.descriptor.digest)
  }

  async mergeTag(tag: string, merge: Merge): Promise<Manifest | undefined> {
    for (;;) {
      const current = this.#find(tag)
      const wanted = await merge(current)
      if (wanted === undefined) return current
      await this.tag(tag, wanted)
    }
  }

  async removeTag(tag: string): Promise<boolean> {
    this.writes.push(`remove ${tag}`)
    this.tags.delete(tag)
    return true
  }

  preflight(): Preflight {
    return {
      pushRight: () => Promise.resolve('unknown'),
      tryUpload: () => Promise.resolve(),
      referrersPlace: () => Promise.resolve(this.hasReferrersApi ? 'api' : 'fallback tag'),
      removeManifest: async (digest) => this.manifests.delete(digest),
    }
  }

  atomicSignatures(): AtomicSignatures | undefined {
    const { atomic } = this
    return (
      atomic && {
        list: async (subject) => atomic.filter((signature) => signature.subject === subject),
        put: async (signature) => {
          if (!this.manifests.has(signature.subject)) return false
          this.writes.push(`atomic ${signature.digest}`)
          atomic.push(signature)
          return true
        },
      }
    )
  }

  #find(reference: string): Manifest | undefined {
    const digest = isDigest(reference) ? reference : this.tags.get(reference)
    return digest === undefined ? undefined : this.manifests.get(digest)
  }

  /** As registries do: what a manifest refers to has to be there before it; a subject does not. */
  #store(manifest: Manifest): void {
    const blobs = manifest.kind === 'image' ? [manifest.config, ...manifest.layers] : []
    for (const { digest } of blobs) {
      if (!this.blobs.has(digest)) throw this.#refuse(`was sent a manifest before its blob ${digest}`)
    }
    for (const { digest } of manifest.kind === 'index' ? manifest.children : []) {
      if (!this.manifests.has(digest)) throw this.#refuse(`was sent an index before its child ${digest}`)
    }
    this.manifests.set(manifest.descriptor.digest, manifest)
  }

  #refuse(why: string): PromotionError {
    return new PromotionError('registry', `${formatRepository(this.name)} ${why}`)
  }
}

function checkBlob(bytes: Uint8Array, { digest, size }: Descriptor): void {
  if (
    bytes.byteLength !== size ||
    digestOf(bytes, digest.startsWith('sha512') ? 'sha512' : 'sha256') !== digest
  )
    throw new PromotionError('registry', `The bytes are not those of ${digest}`)
}

async function join(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(chunks))
}
