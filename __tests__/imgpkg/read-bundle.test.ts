import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { couldBeBundle, isBundle, readBundle } from '../../src/imgpkg/read-bundle.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { type BundleParts, buildBundle } from '../builders/build-bundle.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildTar } from '../builders/build-tar.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

function holding(artifact: BuiltArtifact): WatchedRepository {
  const repository = new WatchedRepository(parseRepositoryName('r.example/app'))
  putArtifact(artifact, repository)
  return repository
}

async function refusal(lock: string, parts: BundleParts = {}): Promise<string | undefined> {
  const bundle = buildBundle(lock, parts)
  const [problem, ...others] = await problemsOf(() => readBundle(bundle.manifest, holding(bundle)))
  assert.deepEqual(others, [])
  assert.equal(problem?.kind, 'input')
  return problem?.message.replace(bundle.digest, '…')
}

test('knows a bundle by its label, whatever that says, and reads the lock in it', async () => {
  for (const value of ['true', '', 'false']) {
    const bundle = buildBundle('the lock', { labels: { 'dev.carvel.imgpkg.bundle': value } })
    assert.equal(await isBundle(bundle.manifest, holding(bundle)), true)
    assert.equal(await readBundle(bundle.manifest, holding(bundle)), 'the lock')
  }
})

test('takes no other image for one', async () => {
  for (const labels of [{}, null, { 'dev.carvel.imgpkg': 'true' }]) {
    const image = buildBundle('the lock', { labels })
    assert.equal(await isBundle(image.manifest, holding(image)), false)
  }
})

test('asks nothing of an index, of several layers, or of a layer or a large config that imgpkg does not write', async () => {
  const image = buildImage({ seed: 'a', layers: 1 })
  const others = [
    image,
    buildIndex([image]),
    buildBundle([], { layers: 2 }),
    buildBundle([], { layers: 0 }),
    buildBundle([], { labels: { 'dev.carvel.imgpkg.bundle': 'x'.repeat(1024 * 1024) } }),
    buildBundle([], { layerType: `${MEDIA_TYPES.dockerLayer}+x` }),
  ]
  for (const other of others) {
    const repository = holding(other)
    assert.equal(couldBeBundle(other.manifest), false)
    assert.equal(await isBundle(other.manifest, repository), false)
    assert.deepEqual([repository.reads, repository.asked], [[], []])
  }
})

test('refuses a bundle without a lock, or with one that is no text', async () => {
  assert.equal(
    await refusal('x', { file: 'images.yml' }),
    'The imgpkg bundle r.example/app@… has no .imgpkg/images.yml',
  )
  const bytes = buildTar('.imgpkg/images.yml', 'xx')
  bytes[512] = 0xff
  assert.equal(
    await refusal('x', { layer: gzipSync(bytes) }),
    'The imgpkg bundle r.example/app@… has a .imgpkg/images.yml that is not UTF-8',
  )
})
