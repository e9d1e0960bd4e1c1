import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { buildImage } from '../builders/build-image.ts'
import { PromotionScene, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'

test('signs images where they are, and verify is satisfied afterwards', async () => {
  await using scene = await PromotionScene.start()
  const image = buildImage({ seed: 'unsigned' })
  image.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(image.digest) })
  assert.equal((await scene.runInPlace('verify')).exitCode, 5)
  const { exitCode, result, reporter } = await scene.runInPlace('sign', { annotations: 'stage=prod' })
  assert.deepEqual([exitCode, result.totals.signed], [0, 1])
  assert.deepEqual(reporter.steps, ['Read the image list', 'Find the images', 'Sign'])
  assert.deepEqual(result.images[0]?.signed, ['bundle', 'tag'])
  assert.equal((await scene.runInPlace('verify', { 'require-annotations': 'stage=prod' })).exitCode, 0)
})

test('what the same key has signed with the same annotations stays as it is', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result } = await scene.runInPlace('sign', { annotations: 'stage=test' })
  assert.deepEqual([exitCode, result.totals.signed], [0, 0])
  assert.deepEqual(writesTo(scene.source), [])
})

test('signs for the name at the target what was signed for another one, once', async () => {
  await using scene = await PromotionScene.start()
  const inputs = { annotations: 'stage=test', 'sign-identity': 'target', to: 'prod.example/live/{name}' }
  const { exitCode, result } = await scene.runInPlace('sign', inputs)
  assert.deepEqual([exitCode, result.errors, result.images[0]?.signed], [0, [], ['tag']])
  const { result: verified } = await scene.runInPlace('verify')
  assert.deepEqual(
    verified.images[0]?.signatures.flatMap(({ signedName, counts }) => (counts && signedName) || []),
    ['registry.example/app', 'prod.example/live/app'],
  )
  assert.equal((await scene.runInPlace('sign', inputs)).result.totals.signed, 0)
})

test('a digest that does not exist is not signed', async () => {
  await using scene = await PromotionScene.start()
  await scene.list({ image: scene.reference(digestOf('nothing')) })
  const { exitCode, result } = await scene.runInPlace('sign')
  assert.equal(exitCode, 3)
  assert.match(result.errors[0]?.message ?? '', /does not exist \(404\)/)
  assert.deepEqual(writesTo(scene.source), [])
})
