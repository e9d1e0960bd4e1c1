import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoverImages } from '../../src/graph/discover-images.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import { findMissingForms, requireSigned, signImages } from '../../src/sign/sign-images.ts'
import type { ImageSigner } from '../../src/sign/signer.ts'
import type { ListedImage } from '../../src/sources/source.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { keyMaker } from '../builders/key-maker.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'

const place = 'dev.example/app'
const images = ['one', 'two', 'three'].map((seed) => buildImage({ seed }))
const signer = new NativeSigner({
  maker: keyMaker(buildKeys().privateKey),
  annotations: {},
  format: 'both',
  verifier: offlineVerifier(),
})

async function scene() {
  const registries = new MemoryRegistries()
  for (const image of images) putArtifact(image, registries.at(place))
  const listed = images.map(({ digest }, index) => listedImage(place, digest, index + 1))
  const find = () => discoverImages(listed, registries)
  return { registries, find }
}

test('all images are signed where they are; those that were signed before are left alone', async () => {
  const { registries, find } = await scene()
  const [first] = await find()
  assert.ok(first)
  await signImages([first], () => signer, registries)
  const found = await find()
  const both = ['bundle', 'tag']
  assert.deepEqual(await findMissingForms(found, () => signer, registries), [[], both, both])
  assert.deepEqual(
    (await signImages(found, () => signer, registries)).map(({ forms }) => forms),
    [[], both, both],
  )
  assert.deepEqual(await findMissingForms(await find(), () => signer, registries), [[], [], []])
})

test('an image that cannot be signed does not stop the others, and is told on its line', async () => {
  const { registries, find } = await scene()
  const repository = registries.at(place)
  const found = await find()
  const pushManifest = repository.pushManifest.bind(repository)
  repository.pushManifest = (manifest) =>
    manifest.subject?.digest === images[1]?.digest ? Promise.reject(new Error('no')) : pushManifest(manifest)
  const outcomes = await signImages(found, () => signer, registries)
  assert.deepEqual(
    outcomes.map(({ forms }) => forms.length),
    [2, 0, 2],
  )
  const problems = await problemsOf(async () => requireSigned(outcomes))
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [['signing', 2]],
  )
  const missing = await findMissingForms(await find(), () => signer, registries)
  assert.deepEqual(
    missing.map((forms) => forms.length),
    [0, 2, 0],
  )
})

test('a form that was written before the next one failed is told', async () => {
  const { registries, find } = await scene()
  const [first] = await find()
  assert.ok(first)
  registries.at(place).mergeTag = () => Promise.reject(new Error('no'))
  const [outcome] = await signImages([first], () => signer, registries)
  assert.deepEqual([outcome?.forms, outcome?.error?.kind], [['bundle'], 'signing'])
})

test('each image is signed by its own signer, and one without a signer by nobody', async () => {
  const { registries, find } = await scene()
  const other = new NativeSigner({
    maker: keyMaker(buildKeys().privateKey),
    annotations: {},
    format: 'tag',
    verifier: offlineVerifier(),
  })
  const found = await find()
  const signerOf = ({ location }: ListedImage) => [signer, other][(location?.line ?? 0) - 1]
  const outcomes = await signImages(found, signerOf, registries)
  assert.deepEqual(
    outcomes.map(({ forms }) => forms),
    [['bundle', 'tag'], ['tag'], []],
  )
  assert.deepEqual(await findMissingForms(await find(), signerOf, registries), [[], [], []])
})

test('no more images are signed side by side than the signer can, and no fewer', async () => {
  for (const atATime of [1, 2]) {
    const { registries, find } = await scene()
    let [running, most] = [0, 0]
    const counting: ImageSigner = {
      identity: () => signer.identity(),
      annotations: {},
      atATime,
      missing: async () => ['tag'],
      async *sign() {
        running += 1
        most = Math.max(most, running)
        await new Promise(setImmediate)
        running -= 1
        yield 'tag'
      },
    }
    await signImages(await find(), () => counting, registries)
    assert.equal(most, atATime)
  }
})
