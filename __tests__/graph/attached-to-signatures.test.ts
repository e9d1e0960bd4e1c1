import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachedToSignatures } from '../../src/graph/attached-to-signatures.ts'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { graphOfSample, putArtifact, putSample } from '../builders/memory-sample.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

const sample = buildCompleteSample('signatures', buildKeys())

test('names what hangs on the signatures of the image itself, and nothing else', async () => {
  const repository = new MemoryRepository({ registry: 'registry.example', path: 'app' })
  putSample(sample, repository)
  const notes = sample.attached.map(({ artifact }) =>
    buildReferrer(artifact.descriptor, 'application/x', 'note'),
  )
  for (const note of notes) putArtifact(note, repository)
  const graph = await discoverGraph(repository, sample.image.digest)
  assert.ok(graph)
  assert.deepEqual(
    attachedToSignatures(graph).map(({ manifest }) => manifest.descriptor.digest),
    [notes[0]?.digest],
  )
  assert.equal(sample.attached[0]?.kind, 'sig')
})

test('names nothing where the image has no signatures, or nothing hangs on them', async () => {
  const graph = await graphOfSample(sample)
  assert.deepEqual(attachedToSignatures(graph), [])
  assert.deepEqual(attachedToSignatures({ ...graph, attached: [] }), [])
})
