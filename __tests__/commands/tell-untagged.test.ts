import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { PromotionScene, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'

test('an image gets the tag by which its list knows it, and one without gets none, which is told', async () => {
  await using scene = await PromotionScene.start()
  const other = buildImage({ seed: 'other' })
  other.putInto(scene.source.store, SOURCE_PATH)
  const images = [`${scene.source.host}/${SOURCE_PATH}:v1`, scene.reference(other.digest)]
  const { exitCode, result } = await scene.run({
    lock: '',
    images: images.join('\n'),
    tags: '{origin-tag}-rc',
    'public-key': '',
    verify: 'none',
  })
  assert.equal(exitCode, 0)
  assert.equal(scene.tagAt(scene.target, 'v1-rc'), scene.sample.image.digest)
  assert.ok(result.warnings.includes(`"${images[1]}" gets no tag: its list names none to put into \`tags\``))
})

test('a list of which no image has a tag is refused where that is all they are to get', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result } = await scene.run({ tags: '{origin-tag}' })
  assert.equal(exitCode, 3)
  assert.match(result.errors[0]?.message ?? '', /^None of the images gets a tag/)
  assert.deepEqual(writesTo(scene.target), [])
})
