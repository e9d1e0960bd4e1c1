import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

test('ends with 2 when there is something to do, and writes nothing', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result, reporter } = await scene.run({ command: 'plan' })
  assert.deepEqual([exitCode, result.succeeded], [2, true])
  assert.deepEqual([...writesTo(scene.source), ...writesTo(scene.target)], [])
  assert.deepEqual(result.images[0]?.targets[0]?.outcome, 'planned')
  assert.deepEqual(result.images[0]?.targets[0]?.tags, [{ tag: 'v1', action: 'create', done: false }])
  assert.deepEqual(reporter.steps, ['Read the image list', 'Plan', 'Verify at the source'])
})

test('ends with 0 when there is nothing to do', async () => {
  await using scene = await PromotionScene.start()
  await scene.run()
  assert.equal((await scene.run({ command: 'plan' })).exitCode, 0)
})

test('ends with 2 when only a tag or only a signature is missing', async () => {
  await using scene = await PromotionScene.start()
  await scene.run()
  assert.equal((await scene.run({ command: 'plan', tags: 'v1\nlatest' })).exitCode, 2)
  const key = await scene.write('ours.key', buildKeys().privatePem)
  const signing = { command: 'plan', sign: 'key', key }
  const { exitCode, reporter } = await scene.run(signing)
  assert.equal(exitCode, 2)
  assert.match(reporter.infos.join('\n'), /1 of 1 images would be signed first/)
  assert.deepEqual(writesTo(scene.source), [])
})

test('an image that the run would sign need not be signed yet', async () => {
  await using scene = await PromotionScene.start()
  const image = buildImage({ seed: 'unsigned' })
  image.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(image.digest) })
  const signing = { command: 'plan', 'public-key': '', sign: 'key', key: scene.path('cosign.key') }
  assert.equal((await scene.run(signing)).exitCode, 2)
  assert.equal((await scene.run({ command: 'plan' })).exitCode, 5)
})

test('ends with the refusals that promote would end with', async () => {
  await using scene = await PromotionScene.start()
  buildImage({ seed: 'older' }).putInto(scene.target.store, TARGET_PATH, 'v1')
  assert.equal((await scene.run({ command: 'plan' })).exitCode, 7)
  const move = { command: 'plan', 'existing-tags': 'move' }
  const { exitCode, result } = await scene.run(move)
  assert.equal(exitCode, 2)
  assert.deepEqual(result.images[0]?.targets[0]?.tags, [{ tag: 'v1', action: 'move', done: false }])
})
