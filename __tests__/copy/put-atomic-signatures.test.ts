import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putAtomicSignatures } from '../../src/copy/put-atomic-signatures.ts'
import { buildAtomicSignature } from '../builders/build-atomic-signature.ts'
import { memoryImage } from '../builders/memory-image.ts'

test('writes what the registry knows the manifest of, and leaves the rest waiting', async () => {
  const { repository, digest } = await memoryImage()
  repository.atomic = []
  const known = buildAtomicSignature(digest)
  const unknown = buildAtomicSignature((await memoryImage('another')).digest)
  const { put, waiting } = await putAtomicSignatures([unknown, known], repository)
  assert.deepEqual([put, waiting], [[known], [unknown]])
  assert.deepEqual(repository.writes, [`atomic ${known.digest}`])
})

test('names the signature that was taken and is not there', async () => {
  const { repository, digest } = await memoryImage()
  const signature = buildAtomicSignature(digest)
  repository.atomicSignatures = () => ({ list: async () => [], put: async () => true })
  await assert.rejects(
    putAtomicSignatures([signature], repository),
    new RegExp(`took the GPG signature ${signature.digest} of ${digest} and does not give it back`),
  )
})
