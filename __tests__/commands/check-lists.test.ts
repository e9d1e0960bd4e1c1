import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imgpkgTag, locationsTag } from '../../src/oci/imgpkg-tag.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { promoteUnverified, putBundle } from '../builders/bundle-scene.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH } from '../builders/promotion-scene.ts'

test('the images of a bundle are checked with it, and what imgpkg is told about them', async () => {
  await using scene = await PromotionScene.start()
  const { outer, web, reference } = putBundle(scene)
  const inputs = { bundle: reference, 'imgpkg-tags': 'true' }
  assert.equal((await promoteUnverified(scene, inputs)).exitCode, 0)
  const check = () => promoteUnverified(scene, { ...inputs, command: 'check' })
  const clean = await check()
  assert.deepEqual([clean.exitCode, clean.result.drift], [0, []])
  const there = scene.target.store.repository(TARGET_PATH)
  there.tags.delete(locationsTag(outer.digest))
  there.tags.delete(imgpkgTag(web.digest))
  const { exitCode, result } = await check()
  assert.equal(exitCode, 9)
  assert.deepEqual(
    result.drift?.map(({ kind, target }) => [kind, target]),
    [
      ['tag-missing', `${scene.target.host}/${TARGET_PATH}:${imgpkgTag(web.digest)}`],
      ['locations', `${scene.target.host}/${TARGET_PATH}:${locationsTag(outer.digest)}`],
    ],
  )
  buildImage({ seed: 'other' }).putInto(scene.target.store, TARGET_PATH, locationsTag(outer.digest))
  const other = await check()
  assert.equal(other.exitCode, 9)
  assert.match(other.result.drift?.at(-1)?.message ?? '', /image-locations\.imgpkg cannot be read/)
})

test('an archive is checked and repaired as registries are', async () => {
  await using scene = await PromotionScene.start()
  const to = `oci-layout:${scene.path('release.tar')}`
  assert.equal((await scene.run({ to, tags: '' })).exitCode, 0)
  assert.equal((await scene.run({ command: 'check', to, tags: '' })).exitCode, 0)
  const { sample } = scene
  const late = buildReferrer(sample.image.descriptor, 'application/vnd.example.late', 'came later')
  late.putInto(scene.source.store, SOURCE_PATH)
  const { exitCode, result } = await scene.run({ command: 'check', to, tags: '' })
  assert.deepEqual([exitCode, result.drift?.map(({ kind }) => kind)], [9, ['attached-missing']])
  const repaired = await scene.run({ command: 'repair', to, tags: '' })
  assert.deepEqual([repaired.exitCode, repaired.result.errors], [0, []])
  assert.equal((await scene.run({ command: 'check', to, tags: '' })).exitCode, 0)
})
