import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { PromotionScene, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'

test('images that satisfy the policy are told with what was found on them', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result, reporter } = await scene.runInPlace('verify', {
    'require-annotations': 'stage=test',
  })
  assert.equal(exitCode, 0)
  assert.deepEqual(reporter.steps, ['Read the image list', 'Find the images', 'Verify'])
  assert.deepEqual(result.images[0]?.signatures.map(({ form, counts }) => [form, counts]).toSorted(), [
    ['bundle', true],
    ['tag', true],
  ])
  assert.deepEqual(result.images[0]?.targets, [])
  assert.deepEqual(writesTo(scene.source), [])
})

test('every image that does not is an error on its line, and the verdicts are in the report all the same', async () => {
  await using scene = await PromotionScene.start()
  const images = ['one', 'two'].map((seed) => buildImage({ seed }))
  for (const image of images) image.putInto(scene.source.store, SOURCE_PATH)
  const entries = [scene.sample.image, ...images].map(({ digest }) => ({ image: scene.reference(digest) }))
  await scene.list(...entries)
  const { exitCode, result } = await scene.runInPlace('verify')
  assert.equal(exitCode, 5)
  assert.deepEqual(
    result.errors.map(({ kind, location }) => [kind, location?.line]),
    [
      ['verification', 5],
      ['verification', 6],
    ],
  )
  assert.equal(result.images[0]?.signatures.length, 2)
  assert.equal(result.totals.verified, 1)
})
