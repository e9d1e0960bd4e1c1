import type { Descriptor } from '../../src/oci/descriptor.ts'
import type { Digest } from '../../src/oci/digest.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import type { RepositoryName } from '../../src/oci/reference.ts'
import type { OpenBlob, UploadAnswer } from '../../src/registry/repository.ts'
import { MemoryRepository } from './memory-repository.ts'

/** What a write does instead of its work; undefined lets it happen. */
export type Interfere = (write: string) => Promise<void> | undefined

/** A repository in memory that remembers what it was asked, and in which a test can make writes fail, wait, be lost or have company. */
export class WatchedRepository extends MemoryRepository {
  /** The digest of every blob that was opened. */
  readonly reads: string[] = []
  /** Each question in its order: `tags PAGES`, `resolve REFERENCE`, `fetch REFERENCE`, `referrers DIGEST`, `has DIGEST`, `whole DIGEST`. */
  readonly asked: string[] = []
  /** Questions and writes in the order in which they began. */
  readonly timeline: string[] = []
  /** Called before each write with the line that `writes` gets. */
  before: Interfere = () => undefined
  /** Called before each upload is begun, with the digest. */
  beforeUpload: Interfere = () => undefined
  /** Uploads are begun and broken off this many times before one succeeds. */
  brokenUploads = 0
  refusesMounts = false
  /** Blobs and manifests that are taken and lost. */
  readonly loses = new Set<string>()
  /** Blobs and manifests that are there and shown only after so many looks. */
  readonly showsLate = new Map<string, number>()
  /** Uploads that were begun and neither ended nor given up. */
  openUploads = 0

  /** The questions of these kinds. */
  askedFor(...kinds: readonly string[]): readonly string[] {
    return this.asked.filter((line) => kinds.includes(line.split(' ')[0] ?? ''))
  }

  override async listTags(mostPages: number): Promise<ReadonlySet<string>> {
    this.#ask(`tags ${mostPages}`)
    return super.listTags(mostPages)
  }

  override async resolve(reference: string): Promise<Descriptor | undefined> {
    this.#ask(`resolve ${reference}`)
    return super.resolve(reference)
  }

  override async fetchManifest(reference: string): Promise<Manifest | undefined> {
    this.#ask(`fetch ${reference}`)
    return this.#isLate(reference) ? undefined : super.fetchManifest(reference)
  }

  override async listReferrers(subject: Digest): Promise<readonly Descriptor[]> {
    this.#ask(`referrers ${subject}`)
    return super.listReferrers(subject)
  }

  override async hasBlob(blob: Descriptor): Promise<boolean> {
    this.#ask(`has ${blob.digest}`)
    return !this.#isLate(blob.digest) && (await super.hasBlob(blob))
  }

  override async hasWholeBlob(blob: Descriptor): Promise<boolean> {
    this.#ask(`whole ${blob.digest}`)
    return !this.#isLate(blob.digest) && (await super.hasWholeBlob(blob))
  }

  override async *fetchBlob(blob: Descriptor): AsyncGenerator<Uint8Array> {
    this.reads.push(blob.digest)
    for await (const chunk of super.fetchBlob(blob)) {
      const half = chunk.byteLength >> 1
      yield chunk.subarray(0, half)
      yield chunk.subarray(half)
    }
  }

  override async beginUpload(blob: Descriptor, from?: RepositoryName): Promise<UploadAnswer> {
    await this.beforeUpload(blob.digest)
    const answer = await super.beginUpload(blob, from)
    if (typeof answer === 'string') return answer
    this.openUploads += 1
    const ended = () => {
      this.openUploads -= 1
    }
    return {
      send: (content) => answer.send(content).finally(ended),
      cancel: () => answer.cancel().finally(ended),
    }
  }

  protected override async receive(blob: Descriptor, content: Uint8Array | OpenBlob): Promise<void> {
    await this.#write(`blob ${blob.digest}`)
    for (; this.brokenUploads > 0 && !(content instanceof Uint8Array); this.brokenUploads -= 1) {
      const stream = content()[Symbol.asyncIterator]()
      await stream.next()
      await stream.return?.()
    }
    await super.receive(blob, content)
    if (this.loses.has(blob.digest)) this.blobs.delete(blob.digest)
  }

  protected override async mount(blob: Descriptor, from: RepositoryName): Promise<boolean> {
    await this.#write(`mount ${blob.digest}`)
    if (this.refusesMounts || !(await super.mount(blob, from))) return false
    if (this.loses.has(blob.digest)) this.blobs.delete(blob.digest)
    return true
  }

  override async pushManifest(manifest: Manifest): Promise<void> {
    const { digest } = manifest.descriptor
    await this.#write(`manifest ${digest}`)
    await super.pushManifest(manifest)
    if (this.loses.has(digest)) this.manifests.delete(digest)
  }

  override async listAsReferrer(referrer: Manifest): Promise<void> {
    await this.#write(`list ${referrer.descriptor.digest}`)
    this.writes.push(`list ${referrer.descriptor.digest}`)
    await super.listAsReferrer(referrer)
  }

  override async tag(tag: string, manifest: Manifest): Promise<void> {
    await this.#write(`tag ${tag}`)
    await super.tag(tag, manifest)
  }

  override async removeTag(tag: string): Promise<boolean> {
    await this.#write(`remove ${tag}`)
    return super.removeTag(tag)
  }

  #ask(question: string): void {
    this.asked.push(question)
    this.timeline.push(question)
  }

  #write(write: string): Promise<void> | undefined {
    this.timeline.push(write)
    return this.before(write)
  }

  #isLate(digest: string): boolean {
    const looks = this.showsLate.get(digest) ?? 0
    if (looks > 0) this.showsLate.set(digest, looks - 1)
    return looks > 0
  }
}
