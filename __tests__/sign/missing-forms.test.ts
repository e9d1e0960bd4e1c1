import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RepositoryName } from '../../src/oci/reference.ts'
import { keySigner, signedBy } from '../../src/policy/make-demand.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { graphOf } from '../builders/graph-of.ts'
import { keyMaker } from '../builders/key-maker.ts'
import { type MemoryImage, memoryImage } from '../builders/memory-image.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'

const keys = buildKeys()
const verifier = offlineVerifier()
const signer = new NativeSigner({
  maker: keyMaker(keys.privateKey),
  annotations: {},
  format: 'both',
  verifier,
})
const PROD = { registry: 'prod.example', path: 'app' }

async function sign({ repository, digest }: MemoryImage, name?: RepositoryName) {
  return Array.fromAsync(signer.sign(await graphOf(repository, digest), repository, name))
}

/** What the signatures under the tag call the image. */
async function namesOf({ repository, digest }: MemoryImage) {
  const graph = await graphOf(repository, digest)
  const { signatures } = await verifier.verify(graph, repository, signedBy(keySigner(keys.publicKey)))
  return signatures.filter(({ form }) => form === 'tag').map(({ signedName }) => signedName)
}

test('a signature names the repository that the image is in', async () => {
  const image = await memoryImage()
  await sign(image)
  assert.deepEqual(await namesOf(image), ['registry.example/team/app'])
})

test('a signature in a layout names the repository that it stands for', async () => {
  const image = await memoryImage()
  Object.assign(image.repository, { name: { registry: 'oci-layout:release', path: 'dev.example/team/app' } })
  await sign(image)
  assert.deepEqual(await namesOf(image), ['dev.example/team/app'])
})

test('a signature for another name is missing until it is made: the bundle, which names nothing, is not', async () => {
  const image = await memoryImage()
  await sign(image)
  assert.deepEqual(await sign(image, PROD), ['tag'])
  assert.deepEqual(await namesOf(image), ['registry.example/team/app', 'prod.example/app'])
})

test('a second run with the same name writes nothing, and one without a name takes what stands', async () => {
  const image = await memoryImage()
  assert.deepEqual(await sign(image, PROD), ['bundle', 'tag'])
  image.repository.writes.length = 0
  assert.deepEqual([await sign(image, PROD), await sign(image)], [[], []])
  assert.deepEqual(image.repository.writes, [])
})

test('a name that is longer than the wanted one is another name', async () => {
  const image = await memoryImage()
  await sign(image, { ...PROD, path: 'app/more' })
  assert.deepEqual(await sign(image, PROD), ['tag'])
})
