import type { Descriptor } from '../../src/oci/descriptor.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import type { RepositoryName } from '../../src/oci/reference.ts'
import type { OpenBlob } from '../../src/registry/repository.ts'
import { MemoryRepository } from './memory-repository.ts'

/** What a write does instead of its work; undefined lets it happen. */
export type Interfere = (write: string) => Promise<void> | undefined

/** A repository in memory that counts the blobs read from it, and in which a test can make writes fail, wait or have company. */
export class WatchedRepository extends MemoryRepository {
  /** The digest of every blob that was opened. */
  readonly reads: string[] = []
  /** Called before each write with the line that `writes` gets. */
  before: Interfere = () => undefined
  /** Uploads are begun and broken off this many times before one succeeds. */
  brokenUploads = 0
  refusesMounts = false

  override async *fetchBlob(blob: Descriptor): AsyncGenerator<Uint8Array> {
    this.reads.push(blob.digest)
    for await (const chunk of super.fetchBlob(blob)) {
      const half = chunk.byteLength >> 1
      yield chunk.subarray(0, half)
      yield chunk.subarray(half)
    }
  }

  override async pushBlob(blob: Descriptor, open: OpenBlob): Promise<void> {
    await this.before(`blob ${blob.digest}`)
    for (; this.brokenUploads > 0; this.brokenUploads -= 1) {
      const stream = open()[Symbol.asyncIterator]()
      await stream.next()
      await stream.return?.()
    }
    await super.pushBlob(blob, open)
  }

  override async mountBlob(blob: Descriptor, from: RepositoryName): Promise<boolean> {
    await this.before(`mount ${blob.digest}`)
    return this.refusesMounts ? false : super.mountBlob(blob, from)
  }

  override async pushManifest(manifest: Manifest): Promise<void> {
    await this.before(`manifest ${manifest.descriptor.digest}`)
    await super.pushManifest(manifest)
  }

  override async listAsReferrer(referrer: Manifest): Promise<void> {
    await this.before(`list ${referrer.descriptor.digest}`)
    this.writes.push(`list ${referrer.descriptor.digest}`)
    await super.listAsReferrer(referrer)
  }

  override async tag(tag: string, manifest: Manifest): Promise<void> {
    await this.before(`tag ${tag}`)
    await super.tag(tag, manifest)
  }

  override async removeTag(tag: string): Promise<boolean> {
    await this.before(`remove ${tag}`)
    return super.removeTag(tag)
  }
}
