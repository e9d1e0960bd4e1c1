import { type Descriptor, isJsonObject, type JsonObject } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'

interface StoredManifest {
  readonly mediaType: string
  readonly bytes: Buffer
  readonly subject: string | undefined
}

/** What one repository holds; tests may read and change the maps, builders write through the methods. */
export class StoredRepository {
  readonly manifests = new Map<string, StoredManifest>()
  readonly tags = new Map<string, Digest>()
  readonly blobs = new Map<string, Buffer>()
  /** GPG signatures by the digest of what they sign, as they were put. */
  readonly atomic = new Map<string, readonly unknown[]>()
  /** Upload sessions that were begun and neither finished nor cancelled: the chunks of each. */
  readonly uploads = new Map<string, Buffer[]>()

  /** Stores bytes as a manifest without any check; the digest is theirs unless another one is given, for lying registries. */
  putManifest(bytes: Uint8Array, mediaType: string, digest: Digest = digestOf(bytes)): Digest {
    const subject = readJson(bytes)?.subject
    const subjectDigest = isJsonObject(subject) ? String(subject.digest) : undefined
    this.manifests.set(digest, { mediaType, bytes: Buffer.from(bytes), subject: subjectDigest })
    return digest
  }

  putBlob(bytes: Uint8Array, digest: Digest = digestOf(bytes)): Digest {
    this.blobs.set(digest, Buffer.from(bytes))
    return digest
  }

  /** The manifest under a tag or a digest. */
  findManifest(reference: string): (StoredManifest & { readonly digest: Digest }) | undefined {
    const digest = this.tags.get(reference) ?? (reference as Digest)
    const manifest = this.manifests.get(digest)
    return manifest && { ...manifest, digest }
  }

  /** Descriptors of the manifests with this subject, as the referrers API lists them, in the order in which they came. */
  referrersOf(subject: string): readonly Descriptor[] {
    const found = [...this.manifests].filter(([, manifest]) => manifest.subject === subject)
    return found.map(([digest, manifest]) => describe(digest as Digest, manifest))
  }

  get isEmpty(): boolean {
    return this.manifests.size + this.blobs.size + this.uploads.size === 0
  }
}

/** All repositories of one registry, by name. */
export class RegistryStore {
  readonly #repositories = new Map<string, StoredRepository>()
  readonly #listsReferrers: () => boolean

  constructor(listsReferrers: () => boolean) {
    this.#listsReferrers = listsReferrers
  }

  /** Whether the registry lists referrers by itself; if not, their writer has to keep the fallback tag. */
  get listsReferrers(): boolean {
    return this.#listsReferrers()
  }

  /** The repository of this name, made on first use. */
  repository(name: string): StoredRepository {
    const known = this.#repositories.get(name)
    if (known) return known
    const made = new StoredRepository()
    this.#repositories.set(name, made)
    return made
  }

  /** Names of the repositories that hold anything. */
  names(): readonly string[] {
    return [...this.#repositories].filter(([, repository]) => !repository.isEmpty).map(([name]) => name)
  }

  /** Upload sessions left open in all repositories together. */
  openUploads(): number {
    return [...this.#repositories.values()].reduce((sum, repository) => sum + repository.uploads.size, 0)
  }
}

/** The JSON object in these bytes, or undefined when they hold none. */
function readJson(bytes: Uint8Array): JsonObject | undefined {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
  return isJsonObject(json) ? json : undefined
}

/** OCI distribution specification, "Listing Referrers": artifactType is that of the manifest, or else of its config. */
function describe(digest: Digest, manifest: StoredManifest): Descriptor {
  const { artifactType, config, annotations } = readJson(manifest.bytes) ?? {}
  const type = artifactType || (isJsonObject(config) ? config.mediaType : undefined)
  return {
    mediaType: manifest.mediaType,
    digest,
    size: manifest.bytes.byteLength,
    ...(typeof type === 'string' && { artifactType: type }),
    ...(isJsonObject(annotations) && { annotations: annotations as Record<string, string> }),
  }
}
