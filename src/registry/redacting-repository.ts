import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { LiveSecrets } from './live-secrets.ts'
import type {
  AtomicSignatures,
  BlobUpload,
  Merge,
  Preflight,
  TargetRepository,
  UploadAnswer,
} from './repository.ts'

/** A repository whose errors hold no secret, wherever in them the registry repeated one: in a body, a header, a URL or a manifest. */
export class RedactingRepository implements TargetRepository {
  readonly name: RepositoryName
  readonly #inner: TargetRepository
  readonly #secrets: LiveSecrets

  constructor(inner: TargetRepository, secrets: LiveSecrets) {
    this.name = inner.name
    this.#inner = inner
    this.#secrets = secrets
  }

  resolve(reference: string): Promise<Descriptor | undefined> {
    return this.#clean(this.#inner.resolve(reference))
  }

  fetchManifest(reference: string): Promise<Manifest | undefined> {
    return this.#clean(this.#inner.fetchManifest(reference))
  }

  hasBlob(blob: Descriptor): Promise<boolean> {
    return this.#clean(this.#inner.hasBlob(blob))
  }

  hasWholeBlob(blob: Descriptor): Promise<boolean> {
    return this.#clean(this.#inner.hasWholeBlob(blob))
  }

  async *fetchBlob(blob: Descriptor): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#inner.fetchBlob(blob)
    } catch (error) {
      throw this.#secrets.clean(error)
    }
  }

  readBlob(blob: Descriptor, limit: number): Promise<Uint8Array> {
    return this.#clean(this.#inner.readBlob(blob, limit))
  }

  listReferrers(subject: Digest, tags?: ReadonlySet<string>): Promise<readonly Descriptor[]> {
    return this.#clean(this.#inner.listReferrers(subject, tags))
  }

  listTags(mostPages: number): Promise<ReadonlySet<string> | undefined> {
    return this.#clean(this.#inner.listTags(mostPages))
  }

  atomicSignatures(): AtomicSignatures | undefined {
    const inner = this.#inner.atomicSignatures()
    return (
      inner && {
        list: (subject) => this.#clean(inner.list(subject)),
        put: (signature) => this.#clean(inner.put(signature)),
      }
    )
  }

  async beginUpload(blob: Descriptor, from?: RepositoryName): Promise<UploadAnswer> {
    const answer = await this.#clean(this.#inner.beginUpload(blob, from))
    return typeof answer === 'string' ? answer : this.#cleanUpload(answer)
  }

  pushBlob(blob: Descriptor, bytes: Uint8Array): Promise<void> {
    return this.#clean(this.#inner.pushBlob(blob, bytes))
  }

  pushManifest(manifest: Manifest): Promise<void> {
    return this.#clean(this.#inner.pushManifest(manifest))
  }

  listAsReferrer(referrer: Manifest): Promise<void> {
    return this.#clean(this.#inner.listAsReferrer(referrer))
  }

  tag(tag: string, manifest: Manifest): Promise<void> {
    return this.#clean(this.#inner.tag(tag, manifest))
  }

  mergeTag(tag: string, merge: Merge): Promise<Manifest | undefined> {
    return this.#clean(this.#inner.mergeTag(tag, merge))
  }

  removeTag(tag: string): Promise<boolean> {
    return this.#clean(this.#inner.removeTag(tag))
  }

  preflight(): Preflight {
    const inner = this.#inner.preflight()
    return {
      pushRight: () => this.#clean(inner.pushRight()),
      tryUpload: () => this.#clean(inner.tryUpload()),
      referrersPlace: (subject) => this.#clean(inner.referrersPlace(subject)),
      removeManifest: (digest) => this.#clean(inner.removeManifest(digest)),
    }
  }

  #cleanUpload(upload: BlobUpload): BlobUpload {
    return {
      send: (content) => this.#clean(upload.send(content)),
      cancel: () => this.#clean(upload.cancel()),
    }
  }

  async #clean<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      throw this.#secrets.clean(error)
    }
  }
}
