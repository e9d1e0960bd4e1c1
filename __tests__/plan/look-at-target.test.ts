import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { blobsOfGraph } from '../../src/graph/blobs-of-graph.ts'
import { lostAt } from '../../src/graph/inventory.ts'
import { TagLists } from '../../src/graph/tag-lists.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { lookAtTarget } from '../../src/plan/look-at-target.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { buildBlob } from '../builders/built-artifact.ts'
import { graphOfSample, putArtifact, putSample } from '../builders/memory-sample.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

const sample = buildCompleteSample('look', buildKeys())
const graph = await graphOfSample(sample)
const root = sample.image.digest
const name = { registry: 'prod.example', path: 'app' }

function look(repository: WatchedRepository, tags: readonly string[] = []) {
  return lookAtTarget(root, repository, tags, new TagLists(1))
}

describe('an image that is not there', () => {
  test('is one question, beside the list of tags: nothing can be attached to it', async () => {
    const repository = new WatchedRepository(name)
    assert.deepEqual(await look(repository), { graph: undefined, tags: new Map() })
    assert.deepEqual(repository.asked, ['tags 11', `fetch ${root}`])
  })

  test('is not looked for further where things of it stand: a copy was interrupted, or others were first', async () => {
    const repository = new WatchedRepository(name)
    putSample(sample, repository)
    repository.manifests.delete(root)
    assert.equal((await look(repository)).graph, undefined)
    assert.deepEqual(repository.asked, ['tags 11', `fetch ${root}`])
  })

  test('may still have its tags taken by another, which is seen', async () => {
    const repository = new WatchedRepository(name)
    const other = sample.children[0]
    assert.ok(other)
    putArtifact(other, repository, 'v1')
    assert.deepEqual(await look(repository, ['v1', 'v2']), {
      graph: undefined,
      tags: new Map([['v1', other.digest]]),
    })
  })
})

test('sees all of a complete target, and where the tags point', async () => {
  const repository = new WatchedRepository(name)
  putSample(sample, repository, 'v1')
  repository.tags.set('latest', sample.children[0]?.digest ?? root)
  const state = await look(repository, ['v1', 'latest', 'v2'])
  assert.deepEqual(lostAt(state.graph ?? graph, graph), [])
  assert.deepEqual(
    [...(state.graph?.manifests.keys() ?? [])].toSorted(),
    [...graph.manifests.keys()].toSorted(),
  )
  assert.deepEqual(
    [...state.tags],
    [
      ['v1', root],
      ['latest', sample.children[0]?.digest],
    ],
  )
  assert.deepEqual([repository.writes, repository.askedFor('has', 'whole')], [[], []])
})

describe('a root that is there says nothing about the rest', () => {
  test('a child that an earlier run left out is seen as missing', async () => {
    const repository = new WatchedRepository(name)
    putSample(sample, repository)
    const [child] = sample.children
    assert.ok(child && repository.manifests.delete(child.digest))
    const state = await look(repository)
    assert.ok(state.graph?.manifests.has(root))
    const lost = lostAt(state.graph ?? graph, graph)
    assert.deepEqual([lost[0]?.kind, lost[0]?.digest], ['child', child.digest])
    assert.ok(lost.slice(1).every(({ subject }) => subject === child.digest))
  })

  test('a referrer that is there and not listed is seen as not listed', async () => {
    const repository = new WatchedRepository(name)
    repository.hasReferrersApi = false
    putSample(sample, repository)
    const [referrer] = sample.attached.filter(({ kind }) => kind === 'referrer')
    assert.ok(referrer && repository.listed.delete(referrer.artifact.digest))
    const listed = (await look(repository)).graph?.attached.filter(({ kind }) => kind === 'referrer') ?? []
    assert.equal(listed.length, 3)
    assert.ok(!listed.some(({ manifest }) => manifest.descriptor.digest === referrer.artifact.digest))
  })

  test('what stands under an attached tag is fetched, whatever it is', async () => {
    const repository = new WatchedRepository(name)
    putArtifact(sample.image, repository)
    repository.tags.set(attachedTag(root, 'sig'), root)
    const { graph: seen } = await look(repository)
    assert.deepEqual(seen?.attached, [{ subject: root, kind: 'sig', manifest: sample.image.manifest }])
  })
})

for (const question of ['listTags', 'fetchManifest', 'resolve'] as const) {
  test(`a target that does not answer ${question} is an error`, async () => {
    const repository = new WatchedRepository(name)
    putSample(sample, repository)
    Object.assign(repository, { [question]: () => Promise.reject(new Error('no answer')) })
    await assert.rejects(() => look(repository, ['v1']), /no answer/)
  })
}

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
