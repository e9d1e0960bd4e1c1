import { fallbackTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { type Manifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import type { RegistryStore } from '../fakes/registry-store.ts'
import { pushArtifact } from './push-artifact.ts'

/** A blob, and the bytes it is. */
export interface BuiltBlob {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
}

/** A manifest of an image, an index or an attached artifact with everything below it, as test data. */
export class BuiltArtifact {
  readonly manifest: Manifest
  /** Children before their index; the manifest itself is the last. */
  readonly manifests: readonly Manifest[]
  readonly blobs: readonly BuiltBlob[]
  /** The tag by which it hangs on its subject, if that is how it does. */
  readonly attachedTag: string | undefined

  constructor(
    manifest: Manifest,
    parts: {
      readonly blobs?: readonly BuiltBlob[]
      readonly children?: readonly BuiltArtifact[]
      readonly attachedTag?: string
    },
  ) {
    const { blobs = [], children = [], attachedTag } = parts
    this.manifest = manifest
    this.manifests = [...children.flatMap((child) => child.manifests), manifest]
    this.blobs = [...blobs, ...children.flatMap((child) => child.blobs)]
    this.attachedTag = attachedTag
  }

  get digest(): Digest {
    return this.manifest.descriptor.digest
  }

  get descriptor(): Descriptor {
    return this.manifest.descriptor
  }

  /** Writes it into a fake registry's store, under `tag`, or else under its attached tag; a referrer is listed in either way. */
  putInto(store: RegistryStore, repository: string, tag = this.attachedTag): void {
    const stored = store.repository(repository)
    for (const { descriptor, bytes } of this.blobs) stored.putBlob(bytes, descriptor.digest)
    for (const { bytes, descriptor, subject } of this.manifests) {
      stored.putManifest(bytes, descriptor.mediaType, descriptor.digest)
      if (subject && !store.listsReferrers) {
        const list = fallbackTag(subject.digest)
        const index = listAlso(stored.findManifest(list)?.bytes, this.manifest)
        stored.tags.set(list, stored.putManifest(index.bytes, index.descriptor.mediaType))
      }
    }
    if (tag !== undefined) stored.tags.set(tag, this.digest)
  }

  /** Pushes it to a real registry at `host` over plain HTTP, with its tag as `putInto`; throws on anything but success. */
  async pushTo(host: string, repository: string, tag = this.attachedTag): Promise<void> {
    await pushArtifact(this, `http://${host}/v2/${repository}`, tag)
  }
}

/** Bytes as a blob of this media type. */
export function buildBlob(mediaType: string, content: Uint8Array | string): BuiltBlob {
  const bytes = Buffer.from(content)
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes }
}

/** The index of a fallback tag with one referrer more than its bytes so far list. */
export function listAlso(indexSoFar: Uint8Array | undefined, referrer: Manifest): Manifest {
  const entries: readonly Descriptor[] = indexSoFar
    ? JSON.parse(Buffer.from(indexSoFar).toString()).manifests
    : []
  const { descriptor, artifactType, annotations } = referrer
  if (entries.some(({ digest }) => digest === descriptor.digest)) return makeIndexManifest(entries)
  return makeIndexManifest([
    ...entries,
    { ...descriptor, ...(artifactType && { artifactType }), annotations },
  ])
}
