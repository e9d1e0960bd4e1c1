import { fallbackTag } from '../../src/oci/attached-tag.ts'
import type { BuiltAttachment } from '../builders/build-sample.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import type { StoredRepository } from '../fakes/registry-store.ts'
import type { PromotedImage } from './fault-scene.ts'

/** Everything that a repository held, to be compared with what it holds afterwards. */
export interface Snapshot {
  readonly tags: ReadonlyMap<string, string>
  readonly entries: ReadonlyMap<string, readonly string[]>
  readonly manifests: ReadonlyMap<string, Buffer>
  readonly blobs: ReadonlyMap<string, Buffer>
}

/** What a repository holds now. */
export function snapshotOf({ tags, manifests, blobs }: StoredRepository): Snapshot {
  return {
    tags: new Map(tags),
    entries: new Map([...tags].map(([tag, digest]) => [tag, entriesOf(manifests.get(digest)?.bytes)])),
    manifests: new Map([...manifests].map(([digest, { bytes }]) => [digest, bytes])),
    blobs: new Map(blobs),
  }
}

/** What of a snapshot is gone or changed, in words. A tag other than `moved` may point at more than before and at nothing less. */
export function destroyedIn(
  repository: StoredRepository,
  before: Snapshot,
  moved: readonly string[],
): readonly string[] {
  const now = snapshotOf(repository)
  const lostTags = [...before.tags].filter(([tag, digest]) => {
    if (now.tags.get(tag) === digest || moved.includes(tag)) return false
    const entries = now.entries.get(tag) ?? []
    return !(before.entries.get(tag) ?? []).every((entry) => entries.includes(entry))
  })
  return [
    ...lostTags.map(([tag]) => `the tag ${tag} lost something`),
    ...missing('manifest', before.manifests, now.manifests),
    ...missing('blob', before.blobs, now.blobs),
  ]
}

/** What of an image the target lacks or has otherwise, in words. */
export function incompleteAt(target: RegistryServer, { name, sample }: PromotedImage): readonly string[] {
  const repository = target.store.repository(`prod/${name}`)
  const artifacts = [sample.image, ...sample.attached.map(({ artifact }) => artifact)]
  const merged = new Set(
    sample.attached.filter((one) => isMerged(repository, one)).map(({ artifact }) => artifact),
  )
  const whole = artifacts.filter((artifact) => !merged.has(artifact))
  const wanted = {
    manifests: new Map(
      whole.flatMap(({ manifests }) =>
        manifests.map(({ descriptor, bytes }) => [descriptor.digest, bytes] as const),
      ),
    ),
    blobs: new Map(
      whole.flatMap(({ blobs }) => blobs.map(({ descriptor, bytes }) => [descriptor.digest, bytes] as const)),
    ),
  }
  const now = snapshotOf(repository)
  return [
    ...missing('manifest', wanted.manifests, now.manifests),
    ...missing('blob', wanted.blobs, now.blobs),
    ...sample.attached
      .filter((one) => !isAttached(target, repository, one))
      .map(({ kind, artifact }) => `the ${kind} ${artifact.digest} is not attached`),
  ].map((problem) => `prod/${name}: ${problem}`)
}

function missing(
  what: string,
  wanted: ReadonlyMap<string, Uint8Array>,
  there: ReadonlyMap<string, Uint8Array>,
): readonly string[] {
  return [...wanted]
    .filter(
      ([digest, bytes]) => !there.get(digest) || Buffer.compare(there.get(digest) ?? bytes, bytes) !== 0,
    )
    .map(([digest]) => `the ${what} ${digest} is missing or changed`)
}

function isAttached(target: RegistryServer, repository: StoredRepository, one: BuiltAttachment): boolean {
  const { subject, kind, artifact } = one
  if (kind !== 'referrer')
    return repository.tags.get(artifact.attachedTag ?? '') === artifact.digest || isMerged(repository, one)
  const listed = target.switches.referrersApi
    ? repository.referrersOf(subject).map(({ digest }) => digest)
    : entriesOf(
        repository.findManifest(fallbackTag(artifact.manifest.subject?.digest ?? artifact.digest))?.bytes,
      )
  return listed.includes(artifact.digest)
}

/** Whether the tag points at another manifest that has every layer of this one. */
function isMerged(repository: StoredRepository, { artifact }: BuiltAttachment): boolean {
  const stored = repository.findManifest(artifact.attachedTag ?? '')
  const layers = entriesOf(stored?.bytes)
  return (
    stored?.digest !== artifact.digest &&
    entriesOf(artifact.manifest.bytes).every((layer) => layers.includes(layer))
  )
}

/** The digests of the layers of an image, or of the manifests of an index. */
function entriesOf(bytes: Uint8Array | undefined): readonly string[] {
  if (bytes === undefined) return []
  const { layers, manifests } = JSON.parse(Buffer.from(bytes).toString())
  return (layers ?? manifests ?? []).map(({ digest }: { readonly digest: string }) => digest)
}
