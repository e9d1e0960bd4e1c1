import { type Digest, digestOf, hexOf, isDigest } from '../../../src/oci/digest.ts'
import { blobsOf, parseManifest } from '../../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../../src/oci/media-types.ts'
import type { RegistryStore, StoredRepository } from '../registry-store.ts'

const MANIFEST_PATH = /^(?<image>.+)\/(?<folder>[^/]+)\/(?:list\.)?manifest\.json$/
const LAYER_PATH = /^(?<image>.+)\/[^/]+\/sha256__[a-f0-9]{64}$/

/**
 * The repositories of a fake registry as Artifactory stores them: `KEY/IMAGE/TAG/manifest.json`, an index as `list.manifest.json`, what has
 * no tag under `sha256:HEX`, and layers as `sha256__HEX` beside their manifest.
 */
export class ArtifactoryTree {
  readonly #store: RegistryStore
  /** Files that were put somewhere by their path, by repository and path. */
  readonly #placed = new Map<string, Buffer>()

  constructor(store: RegistryStore) {
    this.#store = store
  }

  /** Keys of repositories that hold anything. */
  hasRepository(key: string): boolean {
    return this.#store.names().some((name) => name.startsWith(`${key}/`))
  }

  /** The files of a repository by their path in it. */
  files(key: string): ReadonlyMap<string, Buffer> {
    const found = new Map<string, Buffer>()
    for (const name of this.#store.names().filter((one) => one.startsWith(`${key}/`))) {
      const image = name.slice(key.length + 1)
      for (const [path, bytes] of filesOf(this.#store.repository(name))) found.set(`${image}/${path}`, bytes)
    }
    for (const [path, bytes] of this.#placed) {
      if (path.startsWith(`${key}/`)) found.set(path.slice(key.length + 1), bytes)
    }
    return found
  }

  isFolder(key: string, path: string): boolean {
    return [...this.files(key).keys()].some((one) => one.startsWith(`${path}/`))
  }

  /** Puts a file: a manifest or a layer of an image can be pulled from then on, anything else only lies there. */
  write(key: string, path: string, bytes: Buffer): void {
    this.#placed.set(`${key}/${path}`, bytes)
    const layer = LAYER_PATH.exec(path)?.groups?.image
    if (layer !== undefined) this.#store.repository(`${key}/${layer}`).putBlob(bytes)
    const { image, folder } = MANIFEST_PATH.exec(path)?.groups ?? {}
    if (image === undefined || folder === undefined) return
    const repository = this.#store.repository(`${key}/${image}`)
    const digest = repository.putManifest(bytes, mediaTypeOf(bytes))
    if (!isDigest(folder)) repository.tags.set(folder, digest)
  }

  /** Removes a file or folder; false where there is none. */
  remove(key: string, path: string): boolean {
    const isThere = this.files(key).has(path) || this.isFolder(key, path)
    for (const placed of this.#placed.keys()) {
      if (`${placed}/`.startsWith(`${key}/${path}/`)) this.#placed.delete(placed)
    }
    const slash = path.lastIndexOf('/')
    const repository = this.#store.repository(`${key}/${path.slice(0, slash)}`)
    const folder = path.slice(slash + 1)
    const digest = repository.tags.get(folder) ?? (folder as Digest)
    repository.tags.delete(folder)
    if (![...repository.tags.values()].includes(digest)) repository.manifests.delete(digest)
    return isThere
  }
}

function filesOf(repository: StoredRepository): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  const tagged = new Set(repository.tags.values())
  const byDigest = [...repository.manifests.keys()].filter((digest) => !tagged.has(digest as Digest))
  for (const folder of [...repository.tags.keys(), ...byDigest]) {
    const stored = repository.findManifest(folder)
    if (stored === undefined) continue
    const manifest = parseManifest(stored.bytes, stored.mediaType, folder)
    files.set(`${folder}/${manifest.kind === 'index' ? 'list.manifest.json' : 'manifest.json'}`, stored.bytes)
    for (const { digest } of blobsOf(manifest)) {
      const bytes = repository.blobs.get(digest)
      if (bytes !== undefined) files.set(`${folder}/sha256__${hexOf(digest)}`, bytes)
    }
  }
  return files
}

function mediaTypeOf(bytes: Buffer): string {
  const { mediaType } = JSON.parse(bytes.toString()) as { readonly mediaType?: string }
  return mediaType ?? MEDIA_TYPES.ociManifest
}

/** Whether a file has this content. */
export function hasSha256(bytes: Buffer, hex: string): boolean {
  return hexOf(digestOf(bytes)) === hex
}
