import { setTimeout as delay } from 'node:timers/promises'
import { fallbackTag } from '../oci/attached-tag.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import {
  MANIFEST_LIMIT,
  type Manifest,
  makeIndexManifest,
  parseManifest,
  withDigest,
} from '../oci/manifest.ts'
import { ACCEPTED_MANIFESTS, bareMediaType, isManifestType } from '../oci/media-types.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { BlobMemory } from './blob-memory.ts'
import { checkAnsweredDigest, fetchBlob, hasBlob, mountBlob, pushBlob } from './blobs.ts'
import type { HttpContent } from './http.ts'
import type { KeyedLock } from './keyed-lock.ts'
import { asFallbackIndex, listByApi, listingOf, withEntry } from './referrers.ts'
import { RegistryError, withoutSecrets } from './registry-error.ts'
import type { OpenBlob, TargetRepository } from './repository.ts'
import type { RepositoryTransport } from './transport.ts'

const MERGE_ATTEMPTS = 10
/** Milliseconds; others who write the same tag get a turn. */
const MERGE_PAUSE = 50
const ACCEPT = { accept: ACCEPTED_MANIFESTS.join(', ') }

/** A repository behind the OCI distribution API (distribution specification 1.1), older and partial registries included. */
export class RemoteRepository implements TargetRepository {
  readonly name: RepositoryName
  readonly #transport: RepositoryTransport
  readonly #lock: KeyedLock
  readonly #memory = new BlobMemory()
  /** Learned from the first answer; a registry does not change its mind within a run. */
  #hasReferrersApi: boolean | undefined

  constructor(transport: RepositoryTransport, lock: KeyedLock) {
    this.name = transport.name
    this.#transport = transport
    this.#lock = lock
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    const response = await this.#transport.send({
      method: 'HEAD',
      path: `manifests/${reference}`,
      headers: ACCEPT,
      expect: [200, 404, 405],
    })
    await response.body.dump()
    if (response.status === 404) return undefined
    const {
      'docker-content-digest': digest = '',
      'content-type': type = '',
      'content-length': size,
    } = response.headers
    const mediaType = bareMediaType(type)
    const isWhole =
      response.status === 200 && isDigest(digest) && isManifestType(mediaType) && size !== undefined
    if (!isWhole) return (await this.fetchManifest(reference))?.descriptor
    const descriptor = { mediaType, digest, size: Number(size) }
    if (isDigest(reference)) checkAnsweredDigest(response, 'HEAD', { ...descriptor, digest: reference })
    return descriptor
  }

  async fetchManifest(reference: string): Promise<Manifest | undefined> {
    const content = await this.#transport.read(
      { method: 'GET', path: `manifests/${reference}`, headers: ACCEPT, expect: [200, 404] },
      MANIFEST_LIMIT,
    )
    if (content.status === 404) return undefined
    const where = `${formatRepository(this.name)}, manifest ${reference}`
    const manifest = parseManifest(content.bytes, bareMediaType(content.headers['content-type'] ?? ''), where)
    checkAnsweredDigest(content, 'GET', manifest.descriptor)
    return isDigest(reference) ? withDigest(manifest, reference, where) : manifest
  }

  hasBlob(blob: Descriptor): Promise<boolean> {
    return hasBlob(this.#transport, blob)
  }

  fetchBlob(blob: Descriptor): AsyncIterable<Uint8Array> {
    return fetchBlob(this.#transport, blob)
  }

  async readBlob(blob: Descriptor, limit: number): Promise<Uint8Array> {
    if (blob.size > limit) {
      throw new RegistryError({
        method: 'GET',
        url: this.#transport.urlOf(`blobs/${blob.digest}`),
        problem: `the blob has ${blob.size} bytes, more than the ${limit} that are read of its kind`,
        hint: 'Nothing of it was read; look at what was attached to the image, and remove it if it does not belong there.',
      })
    }
    return this.#memory.recall(blob, async () => Buffer.concat(await Array.fromAsync(this.fetchBlob(blob))))
  }

  async listReferrers(subject: Digest): Promise<readonly Descriptor[]> {
    const [byApi, byTag] = await Promise.all([this.#listByApi(subject), this.#listByTag(subject)])
    const all = new Map([...byTag, ...(byApi ?? [])].map((referrer) => [referrer.digest, referrer]))
    return [...all.values()]
  }

  mountBlob(blob: Descriptor, from: RepositoryName): Promise<boolean> {
    return mountBlob(this.#transport, blob, from)
  }

  pushBlob(blob: Descriptor, open: OpenBlob): Promise<void> {
    return pushBlob(this.#transport, blob, open)
  }

  pushManifest(manifest: Manifest): Promise<void> {
    return this.#put(manifest.descriptor.digest, manifest)
  }

  async listAsReferrer(referrer: Manifest): Promise<void> {
    const subject = referrer.subject?.digest
    if (subject === undefined) return
    this.#hasReferrersApi ?? (await this.#listByApi(subject))
    if (this.#hasReferrersApi) return
    const entry = listingOf(referrer)
    const tag = fallbackTag(subject)
    await this.mergeTag(tag, async (current) => {
      if (current === undefined) return makeIndexManifest([entry])
      const index = asFallbackIndex(current, withoutSecrets(this.#transport.urlOf(`manifests/${tag}`)))
      return index.children.some(({ digest }) => digest === entry.digest)
        ? undefined
        : withEntry(index, entry)
    })
  }

  tag(tag: string, manifest: Manifest): Promise<void> {
    return this.#put(tag, manifest)
  }

  async mergeTag(
    tag: string,
    merge: (current: Manifest | undefined) => Promise<Manifest | undefined>,
  ): Promise<void> {
    await this.#lock.run(`${formatRepository(this.name)}:${tag}`, async () => {
      for (let attempt = 0; attempt < MERGE_ATTEMPTS; attempt++) {
        if (attempt > 1) await delay(MERGE_PAUSE * attempt * Math.random())
        const wanted = await merge(await this.fetchManifest(tag))
        if (wanted === undefined) return
        await this.tag(tag, wanted)
      }
      throw new RegistryError({
        method: 'PUT',
        url: this.#transport.urlOf(`manifests/${tag}`),
        problem: `what was written was gone again ${MERGE_ATTEMPTS} times: others write the same tag, or the registry drops it`,
      })
    })
  }

  async removeTag(tag: string): Promise<boolean> {
    const response = await this.#transport.send({
      method: 'DELETE',
      path: `manifests/${tag}`,
      actions: 'pull,push,delete',
      expect: [200, 202, 204, 404, 400, 401, 403, 405],
    })
    await response.body.dump()
    return response.status < 400 || response.status === 404
  }

  async #listByApi(subject: Digest): Promise<readonly Descriptor[] | undefined> {
    if (this.#hasReferrersApi === false) return undefined
    const listed = await listByApi(this.#transport, subject)
    this.#hasReferrersApi = listed !== undefined
    return listed
  }

  async #listByTag(subject: Digest): Promise<readonly Descriptor[]> {
    const tag = fallbackTag(subject)
    const manifest = await this.fetchManifest(tag)
    if (manifest === undefined) return []
    return asFallbackIndex(manifest, withoutSecrets(this.#transport.urlOf(`manifests/${tag}`))).children
  }

  async #put(reference: string, manifest: Manifest): Promise<void> {
    const response: HttpContent = await this.#transport.read(
      {
        method: 'PUT',
        path: `manifests/${reference}`,
        headers: { 'content-type': manifest.descriptor.mediaType },
        body: manifest.bytes,
        actions: 'pull,push',
        expect: [200, 201, 202],
      },
      MANIFEST_LIMIT,
    )
    checkAnsweredDigest(response, 'PUT', manifest.descriptor)
  }
}
