import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManifestReader } from '../../src/graph/manifest-reader.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

/** A reader of a repository with so many manifests, each of them padded. */
function reading(count: number, padding = 0) {
  const repository = new MemoryRepository({ registry: 'registry.example', path: 'team/app' })
  const config = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('{}'), size: 2 }
  const digests = Array.from({ length: count }, (_, number) => {
    const annotations = { number: `${number}`, padding: 'x'.repeat(padding) }
    const manifest = makeImageManifest({ config, layers: [], annotations })
    repository.manifests.set(manifest.descriptor.digest, manifest)
    return manifest.descriptor.digest
  })
  return { reader: new ManifestReader(repository), digests, repository }
}

test('a manifest by its digest, by its tag, and undefined when it is not there', async () => {
  const { reader, digests, repository } = reading(1)
  const [digest] = digests
  assert.ok(digest)
  repository.tags.set('v1', digest)
  assert.equal((await reader.byDigest(digest))?.descriptor.digest, digest)
  assert.equal((await reader.byTag('v1'))?.descriptor.digest, digest)
  assert.equal(await reader.byDigest(digestOf('gone')), undefined)
  assert.equal(await reader.byTag('gone'), undefined)
})

describe('an image is refused', () => {
  test('at its 5001st manifest, one by one or before they are fetched', async () => {
    const { reader, digests } = reading(5001)
    const last = digests.at(-1)
    assert.ok(last)
    assert.equal((await problemsOf(() => reader.requireRoomFor(digests))).length, 1)
    for (const digest of digests.slice(0, -1)) await reader.byDigest(digest)
    reader.requireRoomFor(digests.slice(0, -1))
    for (const more of [() => reader.requireRoomFor([last]), () => reader.byDigest(last)]) {
      const [error] = await problemsOf(more)
      assert.equal(error?.kind, 'incomplete')
      assert.equal(
        error?.message,
        'registry.example/team/app: what belongs to the image is more than 5000 manifests',
      )
    }
  })

  test('beyond 64 MiB of manifests', async () => {
    const { reader, digests } = reading(17, 4_000_000)
    const last = digests.at(-1)
    assert.ok(last)
    for (const digest of digests.slice(0, -1)) await reader.byDigest(digest)
    const [error] = await problemsOf(() => reader.byDigest(last))
    assert.equal(error?.kind, 'incomplete')
    assert.match(error?.message ?? '', /is more than 64 MiB of manifests$/)
  })
})
