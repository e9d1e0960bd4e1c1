import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atomicSignaturesOf } from '../../src/graph/atomic-signatures-of.ts'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import { inventoryOf, lostAt } from '../../src/graph/inventory.ts'
import { makeAtomicSignature } from '../../src/oci/atomic-signature.ts'
import { buildAtomicSignature } from '../builders/build-atomic-signature.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { memoryImage } from '../builders/memory-image.ts'
import { putSample } from '../builders/memory-sample.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

test('a graph holds the GPG signatures of every manifest, an attached one too', async () => {
  const sample = buildCompleteSample('atomic', buildKeys())
  const repository = new MemoryRepository({ registry: 'registry.example', path: 'team/app' })
  putSample(sample, repository)
  const signed = [sample.image, ...sample.children, ...sample.attached.map(({ artifact }) => artifact)]
  const digests = new Set(signed.map(({ digest }) => digest))
  repository.atomic = [...digests].map((digest) => buildAtomicSignature(digest))
  const graph = await discoverGraph(repository, sample.image.digest)
  assert.deepEqual(new Set(graph?.atomic?.map(({ subject }) => subject)), digests)
})

test('the inventory names a GPG signature, and one is lost only where the registry keeps any', async () => {
  const { repository, digest } = await memoryImage()
  const bare = await discoverGraph(repository, digest)
  const signature = buildAtomicSignature(digest)
  repository.atomic = [signature]
  const signed = await discoverGraph(repository, digest)
  assert.ok(bare && signed)
  const entry = { subject: digest, kind: 'atomic', digest: signature.digest }
  assert.deepEqual(inventoryOf(signed).at(-1), entry)
  assert.equal(bare.atomic, undefined)
  assert.deepEqual(lostAt(bare, signed), [])
  assert.deepEqual(lostAt({ ...signed, atomic: [buildAtomicSignature(digest, 'another')] }, signed), [entry])
  assert.deepEqual(lostAt(signed, signed), [])
})

test('more signatures than any image has are refused', async () => {
  const { repository, digest } = await memoryImage()
  const content = 'A'.repeat(4 * 1024 * 1024)
  repository.atomic = Array.from({ length: 5 }, () =>
    makeAtomicSignature(digest, { schemaVersion: 2, name: '', type: 'atomic', content }),
  )
  await assert.rejects(
    atomicSignaturesOf([digest], repository),
    /the GPG signatures of the image are more than/,
  )
})
