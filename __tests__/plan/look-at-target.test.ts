import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { blobsOfGraph } from '../../src/graph/blobs-of-graph.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { lookAtTarget } from '../../src/plan/look-at-target.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { buildBlob } from '../builders/built-artifact.ts'
import { graphOfSample, putArtifact, putSample } from '../builders/memory-sample.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

const sample = buildCompleteSample('look', buildKeys())
const graph = await graphOfSample(sample)
const name = { registry: 'prod.example', path: 'app' }

test('sees nothing in an empty target', async () => {
  const state = await lookAtTarget(graph, new MemoryRepository(name), ['v1'])
  for (const part of Object.values(state)) assert.equal(part.size, 0)
})

test('sees all of a complete target: manifests, blobs, attached tags, referrers, and where the tags point', async () => {
  const repository = new MemoryRepository(name)
  putSample(sample, repository, 'v1')
  repository.tags.set('latest', sample.children[0]?.digest ?? sample.image.digest)
  const state = await lookAtTarget(graph, repository, ['v1', 'latest', 'v2'])
  assert.deepEqual([...state.manifests].toSorted(), [...graph.manifests.keys()].toSorted())
  assert.equal(state.blobs.size, blobsOfGraph(graph).length)
  assert.equal(state.attachedTags.size, 6)
  assert.equal(state.referrers.size, 4)
  assert.deepEqual(
    [...state.tags],
    [
      ['v1', sample.image.digest],
      ['latest', sample.children[0]?.digest],
    ],
  )
  assert.deepEqual(repository.writes, [])
})

describe('a root that is there says nothing about the rest', () => {
  test('a layer that an earlier run left out is seen as missing', async () => {
    const repository = new MemoryRepository(name)
    putSample(sample, repository)
    const child = sample.children[0]?.manifest
    const layer = child?.kind === 'image' ? child.layers[1] : undefined
    assert.ok(layer && repository.blobs.delete(layer.digest))
    const state = await lookAtTarget(graph, repository, [])
    assert.ok(state.manifests.has(sample.image.digest))
    assert.deepEqual(
      blobsOfGraph(graph).filter(({ digest }) => !state.blobs.has(digest)),
      [layer],
    )
  })

  test('a referrer that is there and not listed is seen as not listed', async () => {
    const repository = new MemoryRepository(name)
    repository.hasReferrersApi = false
    putSample(sample, repository)
    const [referrer] = sample.attached.filter(({ kind }) => kind === 'referrer')
    assert.ok(referrer && repository.listed.delete(referrer.artifact.digest))
    const state = await lookAtTarget(graph, repository, [])
    assert.ok(state.manifests.has(referrer.artifact.digest))
    assert.ok(!state.referrers.has(referrer.artifact.digest))
    assert.equal(state.referrers.size, 3)
  })

  test('what stands under an attached tag is fetched, whatever it is', async () => {
    const repository = new MemoryRepository(name)
    putArtifact(sample.image, repository)
    const tag = attachedTag(sample.image.digest, 'sig')
    repository.tags.set(tag, sample.image.digest)
    const state = await lookAtTarget(graph, repository, [])
    assert.deepEqual([...state.attachedTags], [[tag, sample.image.manifest]])
  })
})

test('a target that does not answer is an error', async () => {
  class FailingRepository extends MemoryRepository {
    override hasBlob(): Promise<boolean> {
      return Promise.reject(new Error('no answer'))
    }
  }
  await assert.rejects(() => lookAtTarget(graph, new FailingRepository(name), []), /no answer/)
})

test('layers that say where else they are kept are nobody’s to look for, and a shared blob is looked for once', async () => {
  const config = buildBlob('application/vnd.oci.image.config.v1+json', '{}').descriptor
  const foreign = [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ]
  const here = foreign.map((mediaType) => buildBlob(mediaType, mediaType).descriptor)
  const elsewhere = foreign.map((mediaType) => ({
    ...buildBlob(mediaType, `${mediaType} elsewhere`).descriptor,
    urls: ['https://vendor.example/layer'],
  }))
  const manifest = makeImageManifest({ config, layers: [...elsewhere, ...here, config] })
  const image = { root: manifest, manifests: new Map([[manifest.descriptor.digest, manifest]]) }
  assert.deepEqual(blobsOfGraph({ ...image, attached: [], warnings: [] }), [config, ...here])
})
