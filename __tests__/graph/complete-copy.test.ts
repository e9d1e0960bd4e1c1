import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeCopy, subjectsOf } from '../../src/graph/complete-copy.ts'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import type { ImageGraph } from '../../src/graph/image-graph.ts'
import { inventoryOf, lostAt } from '../../src/graph/inventory.ts'
import type { Known } from '../../src/graph/known.ts'
import { buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { putArtifact, putSample } from '../builders/memory-sample.ts'
import { mergedManifest } from '../builders/merged-manifest.ts'
import type { MemoryRepository } from '../fakes/memory-repository.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

const sample = buildCompleteSample('copy', buildKeys())
const root = sample.image.digest
const sig = sample.attached.find(({ subject, kind }) => subject === root && kind === 'sig')?.artifact
assert.ok(sig?.attachedTag && sig.manifest.kind === 'image')
const note = buildReferrer(sig.descriptor, 'application/vnd.example.note', 'on the signatures')

/** The graph of a source with a note on its signatures, and a copy whose `.sig` was merged with another. */
async function copied() {
  const [source, target] = ['dev.example', 'prod.example'].map(
    (registry) => new WatchedRepository({ registry, path: 'app' }),
  )
  assert.ok(source && target && sig?.attachedTag && sig.manifest.kind === 'image')
  for (const repository of [source, target]) {
    putSample(sample, repository)
    putArtifact(note, repository)
  }
  const theirs = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }])
  const { manifest } = await mergedManifest(theirs, sig.manifest)
  target.manifests.set(manifest.descriptor.digest, manifest)
  target.tags.set(sig.attachedTag, manifest.descriptor.digest)
  const graph = await discoverGraph(source, root)
  assert.ok(graph)
  return { graph, target }
}

/** What the target has, as far as it is found. */
async function find(target: WatchedRepository, graph: ImageGraph, known: Known = {}) {
  const copy = await discoverGraph(target, root, known)
  assert.ok(copy)
  return await completeCopy(copy, graph, target, known)
}

test('finds what hangs on signatures that were merged at the target', async () => {
  const { graph, target } = await copied()
  const copy = await find(target, graph)
  assert.deepEqual(lostAt(copy, graph), [])
  assert.equal(copy.attached.length, graph.attached.length)
  // The signatures that were merged are no part of the image there.
  assert.ok(!inventoryOf(copy).some(({ digest }) => digest === sig?.digest))
})

test('does not find there what is not listed, or not there', async () => {
  for (const lose of [
    (target: MemoryRepository) => target.listed.delete(note.digest),
    (target: MemoryRepository) => target.manifests.delete(note.digest),
    (target: MemoryRepository) => sig && target.manifests.delete(sig.digest),
  ]) {
    const { graph, target } = await copied()
    target.hasReferrersApi = false
    lose(target)
    const copy = await find(target, graph)
    assert.deepEqual(lostAt(copy, graph), [{ subject: sig?.digest, kind: 'referrer', digest: note.digest }])
  }
})

test('asks nothing where the target has all that something is attached to', async () => {
  const { graph, target } = await copied()
  assert.ok(sig?.attachedTag)
  target.tags.set(sig.attachedTag, sig.digest)
  const copy = await discoverGraph(target, root)
  assert.ok(copy)
  target.asked.length = 0
  assert.equal(await completeCopy(copy, graph, target, {}), copy)
  assert.deepEqual(target.asked, [])
})

test('what is known is not asked again, and tags that do not exist are not asked for', async () => {
  const { graph, target } = await copied()
  const manifests = new Map([...graph.manifests].filter(([digest]) => digest !== note.digest))
  const copy = await discoverGraph(target, root)
  assert.ok(copy)
  target.asked.length = 0
  await completeCopy(copy, graph, target, { tags: new Set(), manifests })
  assert.deepEqual(target.asked, [
    `referrers ${sig?.digest}`,
    `fetch ${note.digest}`,
    `referrers ${note.digest}`,
  ])
})

test('subjects are what something is attached to, each once', async () => {
  const { graph } = await copied()
  const expected = new Set([...sample.attached.map(({ subject }) => subject), sig?.digest])
  assert.deepEqual([...subjectsOf(graph)].toSorted(), [...expected].toSorted())
})
