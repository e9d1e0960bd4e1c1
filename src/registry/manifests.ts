import type { Descriptor } from '../oci/descriptor.ts'
import { digestOf, isDigest } from '../oci/digest.ts'
import { MANIFEST_LIMIT, type Manifest, parseManifest, withDigest } from '../oci/manifest.ts'
import { ACCEPTED_MANIFESTS, bareMediaType, isManifestType } from '../oci/media-types.ts'
import { formatRepository } from '../oci/reference.ts'
import { isRegistrys404, strange404 } from './absence.ts'
import { isRefusal } from './blob-uploads.ts'
import { checkAnsweredDigest } from './blobs.ts'
import type { HttpContent } from './http.ts'
import { explainRefusal } from './refused-manifest.ts'
import { RegistryError } from './registry-error.ts'
import type { RepositoryTransport } from './transport.ts'

const ACCEPT = { accept: ACCEPTED_MANIFESTS.join(', ') }
/** Manifests go in front of blobs: an image that is nearly done is finished first, and the turn at a shared tag is short. */
const FIRST = { urgent: true } as const

/** The manifests of a repository, by tag or digest (OCI distribution specification, "Pulling manifests" and "Pushing Manifests"). */
export class Manifests {
  readonly #transport: RepositoryTransport

  constructor(transport: RepositoryTransport) {
    this.#transport = transport
  }

  /** What a tag or digest points at, from the headers where they say it all; undefined for a confirmed 404. */
  async resolve(reference: string): Promise<Descriptor | undefined> {
    const response = await this.#transport.send({
      method: 'HEAD',
      path: `manifests/${reference}`,
      headers: ACCEPT,
      expect: [200, 404, 405],
      ...FIRST,
    })
    if (response.status === 404 && this.#transport.isOwn(response)) return undefined
    const { headers, status } = response
    const digest = isDigest(reference) ? reference : (headers['docker-content-digest'] ?? '')
    const mediaType = bareMediaType(headers['content-type'] ?? '')
    const size = Number(headers['content-length'] ?? 0)
    const isWhole = status === 200 && isDigest(digest) && isManifestType(mediaType) && size > 0
    if (!isWhole) return (await this.fetch(reference))?.descriptor
    const descriptor = { mediaType, digest, size }
    checkAnsweredDigest(response, 'HEAD', descriptor)
    return descriptor
  }

  /** The manifest, its bytes kept as sent; undefined for a confirmed 404. */
  async fetch(reference: string): Promise<Manifest | undefined> {
    const content = await this.#get(reference)
    if (content.status === 404) return undefined
    const where = `${formatRepository(this.#transport.name)}, manifest ${reference}`
    const manifest = readManifest(content, where)
    checkAnsweredDigest(content, 'GET', manifest.descriptor)
    return isDigest(reference) ? withDigest(manifest, reference, where) : manifest
  }

  push(reference: string, manifest: Manifest): Promise<void> {
    return this.#transport.retry(() => this.pushOnce(reference, manifest))
  }

  /** The same without another try: at a shared tag what is to be written may have changed by then. */
  async pushOnce(reference: string, manifest: Manifest): Promise<void> {
    try {
      const answer = await this.#transport.attempt({
        method: 'PUT',
        path: `manifests/${reference}`,
        headers: { 'content-type': manifest.descriptor.mediaType },
        body: manifest.bytes,
        actions: 'pull,push',
        expect: [200, 201, 202],
        ...FIRST,
      })
      checkAnsweredDigest(answer, 'PUT', manifest.descriptor)
    } catch (error) {
      throw error instanceof RegistryError ? explainRefusal(error, reference, manifest) : error
    }
  }

  /** Removes a tag and nothing else, or the manifest of a digest; `false` when the registry does not allow it. */
  async remove(reference: string): Promise<boolean> {
    try {
      await this.#transport.send({
        method: 'DELETE',
        path: `manifests/${reference}`,
        actions: 'pull,push,delete',
        expect: [200, 202, 204, 404],
      })
      return true
    } catch (error) {
      if (error instanceof RegistryError && isRefusal(error.status)) return false
      throw error
    }
  }

  /** A 404 that could be of a proxy is asked for once more; one of a storage is never believed. */
  async #get(reference: string): Promise<HttpContent> {
    const asked = {
      method: 'GET',
      path: `manifests/${reference}`,
      headers: ACCEPT,
      expect: [200, 404],
      ...FIRST,
    } as const
    const content = await this.#transport.read(asked, MANIFEST_LIMIT)
    if (content.status !== 404 || isRegistrys404(content)) return content
    await this.#transport.wait()
    const again = await this.#transport.read(asked, MANIFEST_LIMIT)
    if (again.status === 404 && !isRegistrys404(again) && !this.#transport.isOwn(again)) {
      throw strange404('GET', again)
    }
    return again
  }
}

function readManifest(content: HttpContent, where: string): Manifest {
  const { bytes, headers } = content
  try {
    return parseManifest(bytes, bareMediaType(headers['content-type'] ?? ''), where)
  } catch (error) {
    // What was changed on the way need not be a manifest any more, and must not be taken for what stands there.
    checkAnsweredDigest(content, 'GET', { digest: digestOf(bytes) })
    throw error
  }
}
