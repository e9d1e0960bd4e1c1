import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoverCopy } from '../../src/graph/discover-copy.ts'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import { inventoryOf, lostAt } from '../../src/graph/inventory.ts'
import { buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { putArtifact, putSample } from '../builders/memory-sample.ts'
import { mergedManifest } from '../builders/merged-manifest.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

const sample = buildCompleteSample('copy', buildKeys())
const root = sample.image.digest
const sig = sample.attached.find(({ subject, kind }) => subject === root && kind === 'sig')?.artifact
assert.ok(sig?.attachedTag && sig.manifest.kind === 'image')
const note = buildReferrer(sig.descriptor, 'application/vnd.example.note', 'on the signatures')

/** The graph of a source with a note on its signatures, and a copy whose `.sig` was merged with another. */
async function copied() {
  const [source, target] = ['dev.example', 'prod.example'].map(
    (registry) => new MemoryRepository({ registry, path: 'app' }),
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

test('finds what hangs on signatures that were merged at the target', async () => {
  const { graph, target } = await copied()
  const copy = await discoverCopy(target, graph)
  assert.ok(copy)
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
    const copy = await discoverCopy(target, graph)
    assert.ok(copy)
    assert.deepEqual(lostAt(copy, graph), [{ subject: sig?.digest, kind: 'referrer', digest: note.digest }])
  }
})

test('an image that is not there is undefined', async () => {
  const { graph } = await copied()
  const empty = new MemoryRepository({ registry: 'prod.example', path: 'app' })
  assert.equal(await discoverCopy(empty, graph), undefined)
})
