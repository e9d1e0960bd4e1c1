import type { AtomicSignature } from '../oci/atomic-signature.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'

/** Opens a blob's bytes from their beginning; may be called again when an upload has to be repeated. */
export type OpenBlob = () => AsyncIterable<Uint8Array>

/** What should stand under a tag, or undefined when it is right as it is. */
export type Merge = (current: Manifest | undefined) => Promise<Manifest | undefined>

/** An upload that was begun; one of the two has to be called. */
export interface BlobUpload {
  /** Sends the blob and ends the upload; where it fails for a passing reason, another one is begun and sent in full. */
  send(content: Uint8Array | OpenBlob): Promise<void>
  /** Gives the upload up, so that the registry keeps nothing of it. */
  cancel(): Promise<void>
}

/** `present`: the repository has the blob. `mounted`: it was taken over from another repository. Otherwise its upload was begun. */
export type UploadAnswer = 'present' | 'mounted' | BlobUpload

/** GPG signatures that a registry keeps beside its manifests, not as manifests. */
export interface AtomicSignatures {
  /** Those of a manifest; none where the registry does not know the manifest. */
  list(subject: Digest): Promise<readonly AtomicSignature[]>
  /** Adds one; `false` where the registry does not know the manifest, as Pulp does not know one that no tag leads to. */
  put(signature: AtomicSignature): Promise<boolean>
}

/** What a token says of the right to push; `unknown` where there is none, or one that only the registry can read. */
export type PushRight = 'granted' | 'refused' | 'unknown'

/** Where a registry lists what refers to an image; `unknown`: no answer has shown it yet. */
export type ReferrersPlace = 'api' | 'fallback tag' | 'unknown'

/** What is asked of a repository before anything is brought to it. */
export interface Preflight {
  /** By the token that the registry's token service gives for pushing; the registry itself is not asked. */
  pushRight(): Promise<PushRight>
  /** Throws what keeps uploads away: begins one and gives it up, so that the registry keeps nothing of it. */
  tryUpload(): Promise<void>
  /** Asked for what refers to this digest, unless an answer has shown the place before. */
  referrersPlace(subject: Digest): Promise<ReferrersPlace>
  /** Deletes a manifest that was pushed to find something out; `false` when the registry does not allow it. */
  removeManifest(digest: Digest): Promise<boolean>
}

/**
 * A repository that is read. In every method "absent" (`undefined`, `false`, an empty list) means a confirmed 404 and nothing else;
 * any other failure throws a RegistryError. Everything that has a digest is checked against it.
 */
export interface SourceRepository {
  readonly name: RepositoryName
  /** What a tag or digest points at now; its bytes are not read. */
  resolve(reference: string): Promise<Descriptor | undefined>
  /** The manifest of a tag or digest, its bytes kept as sent. */
  fetchManifest(reference: string): Promise<Manifest | undefined>
  hasBlob(blob: Descriptor): Promise<boolean>
  /** The same, by reading every byte; throws when they are not those of its digest and size. */
  hasWholeBlob(blob: Descriptor): Promise<boolean>
  /** The blob's bytes; throws at the end when they are not those of its digest and size. */
  fetchBlob(blob: Descriptor): AsyncIterable<Uint8Array>
  /** A blob of at most `limit` bytes as a whole; a larger one is refused before it is read. */
  readBlob(blob: Descriptor, limit: number): Promise<Uint8Array>
  /**
   * What is listed as referring to a digest: the union of the referrers API and the fallback tag (OCI distribution specification,
   * "Listing Referrers"), in the order of their digests. The list is the registry's word: open each manifest to learn its type and
   * its subject. Whoever knows all `tags` spares the question for a fallback tag that is not among them.
   */
  listReferrers(subject: Digest, tags?: ReadonlySet<string>): Promise<readonly Descriptor[]>
  /** All tags, or undefined where the registry gives no list that is whole within this number of pages. */
  listTags(mostPages: number): Promise<ReadonlySet<string> | undefined>
  /**
   * Where GPG signatures are kept; undefined unless the registry has announced that it keeps any, which is known once it has answered
   * anything.
   */
  atomicSignatures(): Pick<AtomicSignatures, 'list'> | undefined
}

/** A repository that is read and written. Writing what is there already is the caller's to avoid. */
export interface TargetRepository extends SourceRepository {
  /**
   * Asks for a blob and, where the repository does not have it, begins its upload; `from` is another repository of the same registry that
   * has it (OCI distribution specification, "Mounting a blob from another repository").
   */
  beginUpload(blob: Descriptor, from?: RepositoryName): Promise<UploadAnswer>
  /** Makes sure that a blob is there whose bytes are at hand. */
  pushBlob(blob: Descriptor, bytes: Uint8Array): Promise<void>
  /** Pushes by digest. */
  pushManifest(manifest: Manifest): Promise<void>
  /**
   * Makes sure that a manifest with a subject is listed among its referrers: nothing to do where the registry has the referrers API,
   * otherwise an entry in the fallback tag's index, merged with what stands there.
   */
  listAsReferrer(referrer: Manifest): Promise<void>
  /** Points a tag at a manifest, and pushes the manifest with it. */
  tag(tag: string, manifest: Manifest): Promise<void>
  /**
   * Changes what a shared tag points at without losing what others write at the same time: reads, lets `merge` say what should stand
   * there (`undefined`: it is right as it is), writes, and reads again until `merge` is content. One writer a tag inside a run. Returns
   * what was read last.
   */
  mergeTag(tag: string, merge: Merge): Promise<Manifest | undefined>
  /** Removes a tag and nothing else; `false` when the registry does not allow it. */
  removeTag(tag: string): Promise<boolean>
  atomicSignatures(): AtomicSignatures | undefined
  preflight(): Preflight
}

/** Hands out repositories; the same name gives the same object within a run. */
export interface Registries {
  source(name: RepositoryName): SourceRepository
  target(name: RepositoryName): TargetRepository
}
