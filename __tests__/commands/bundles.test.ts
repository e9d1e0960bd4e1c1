import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { imgpkgTag, locationsTag } from '../../src/oci/imgpkg-tag.ts'
import { buildImage } from '../builders/build-image.ts'
import { locatedBundles, promoteUnverified, putBundle } from '../builders/bundle-scene.ts'
import { PromotionScene, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'

/** What a target holds of these, and where. */
function tagsAt({ store }: RegistryServer, path = TARGET_PATH): ReadonlyMap<string, string> {
  return store.repository(path).tags
}

test('promotes a bundle with all that is in it to the place of the bundle, tags only the bundle, and tells imgpkg', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, web, db, reference } = putBundle(scene)
  const to = `${scene.target.host}/prod/{name}`
  const { exitCode, result, reporter } = await promoteUnverified(scene, {
    bundle: reference,
    to,
    'lock-output': scene.path('out.yml'),
  })
  assert.equal(exitCode, 0)
  const all = [outer, web, inner, db]
  assert.deepEqual(
    result.images.map(({ targets }) => targets[0]?.target),
    all.map(({ digest }) => `${scene.target.host}/prod/outer@${digest}`),
  )
  const tags = tagsAt(scene.target, 'prod/outer')
  assert.deepEqual(
    [...tags.keys()].sort(),
    ['v1', locationsTag(outer.digest), locationsTag(inner.digest)].sort(),
  )
  assert.equal(tags.get('v1'), outer.digest)
  assert.deepEqual(reporter.steps.slice(-2), ['Write the image locations', 'Move the tags'])
  assert.deepEqual(
    [...result.locations].sort(),
    [outer, inner].map(({ digest }) => `${scene.target.host}/prod/outer:${locationsTag(digest)}`).sort(),
  )
  assert.equal(
    await readFile(scene.path('out.yml'), 'utf8'),
    `---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: ${scene.target.host}/prod/outer@${outer.digest}\n  tag: v1\nkind: BundleLock\n`,
  )
})

test('writes nothing a second time, and plans nothing then', async () => {
  await using scene = await PromotionScene.start()
  const { reference } = putBundle(scene)
  const planned = await promoteUnverified(scene, { bundle: reference, command: 'plan' })
  assert.equal(planned.exitCode, 2)
  assert.deepEqual(writesTo(scene.target), [])
  await promoteUnverified(scene, { bundle: reference })
  const before = writesTo(scene.target).length
  const again = await promoteUnverified(scene, { bundle: reference })
  assert.deepEqual([again.exitCode, again.result.locations], [0, []])
  assert.equal(writesTo(scene.target).length, before)
  assert.equal((await promoteUnverified(scene, { bundle: reference, command: 'plan' })).exitCode, 0)
})

test('plans what imgpkg has to be told where all else is there', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, reference } = putBundle(scene)
  await promoteUnverified(scene, { bundle: reference })
  scene.target.store.repository(TARGET_PATH).tags.delete(locationsTag(inner.digest))
  assert.equal((await promoteUnverified(scene, { bundle: reference, command: 'plan' })).exitCode, 2)
  assert.equal((await promoteUnverified(scene, { bundle: reference })).exitCode, 0)
  assert.equal(locatedBundles(scene.target.store, [outer, inner]).length, 2)
})

test('follows a bundle that a list does not call so, with a notice', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, web, reference } = putBundle(scene)
  await scene.list({ image: reference }, { image: `${scene.source.host}/apps/web@${web.digest}` })
  const to = `${scene.target.host}/prod/{name}`
  const { exitCode, result, reporter } = await promoteUnverified(scene, {
    lock: 'images.yml',
    to,
    'lock-output': scene.path('out.yml'),
  })
  assert.equal(exitCode, 0)
  assert.deepEqual(
    reporter.infos.filter((info) => info.includes('imgpkg bundle')),
    [`"${reference}" is an imgpkg bundle: the images in it belong to the list as well`],
  )
  assert.deepEqual(
    result.images.map(({ targets }) => targets[0]?.repository.replace(`${scene.target.host}/`, '')),
    ['prod/outer', 'prod/outer', 'prod/outer', 'prod/outer', 'prod/web'],
  )
  assert.equal(locatedBundles(scene.target.store, [outer, inner], 'prod/outer').length, 2)
  // The list stays what it was: its own entries, where they are now.
  const lock = await readFile(scene.path('out.yml'), 'utf8')
  assert.deepEqual(
    [...lock.matchAll(/image: [^/]*\/(.*)@/g)].map(([, path]) => path),
    ['prod/outer', 'prod/web'],
  )
})

test('signs and verifies all that is in a bundle, whether it was called one or not', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, web, db, reference } = putBundle(scene)
  await scene.list({ image: reference })
  const unsigned = await scene.runInPlace('verify')
  assert.equal(unsigned.exitCode, 5)
  assert.equal(unsigned.result.errors.length, 4)
  const signed = await scene.runInPlace('sign', { lock: '', bundle: reference })
  assert.equal(signed.result.totals.signed, 4)
  assert.deepEqual(
    signed.result.images.map(({ digest }) => digest),
    [outer, web, inner, db].map(({ digest }) => digest),
  )
  for (const sources of [{}, { lock: '', bundle: reference }]) {
    const { exitCode, result } = await scene.runInPlace('verify', sources)
    assert.deepEqual([exitCode, result.totals.verified], [0, 4])
  }
})

test('does not ask what an image is that cannot be a bundle', async () => {
  await using scene = await PromotionScene.start()
  const image = buildImage({ seed: 'one layer', layers: 1 })
  image.putInto(scene.source.store, 'team/app')
  await scene.list({ image: scene.reference(image.digest) }, { image: scene.reference() })
  const { exitCode } = await promoteUnverified(scene, { lock: 'images.yml', command: 'plan', tags: '' })
  assert.equal(exitCode, 2)
  assert.deepEqual(
    scene.source.requestsBy('GET').filter(({ path }) => path.includes('/blobs/')),
    [],
  )
})

test('tells imgpkg nothing, and moves no tag, as long as an image of the bundle is not proven at the target', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, reference } = putBundle(scene)
  await scene.runInPlace('sign', { lock: '', bundle: reference })
  const signed = { lock: '', bundle: reference }
  // What was copied is lost again before anybody looks.
  const lose = (step: string) => {
    if (step === 'Verify at the targets')
      scene.target.store.repository(TARGET_PATH).manifests.delete(inner.digest)
  }
  const { exitCode, result } = await scene.run(signed, { onStep: lose })
  assert.equal(exitCode, 8)
  assert.match(result.errors[0]?.message ?? '', /is not there \(404\)/)
  assert.equal(tagsAt(scene.target).get('v1'), undefined)
  assert.deepEqual(locatedBundles(scene.target.store, [outer, inner]), [])
})

test('leaves image locations alone that say the same, and refuses those that say otherwise before anything is written', async () => {
  await using scene = await PromotionScene.start()
  const one = putBundle(scene)
  await promoteUnverified(scene, { bundle: one.reference })
  const { tags } = scene.target.store.repository(TARGET_PATH)
  const standing = tags.get(locationsTag(one.outer.digest))
  const other = putBundle(scene, 'another')
  assert.ok(standing)
  tags.set(locationsTag(other.outer.digest), standing)
  const before = writesTo(scene.target).length
  for (const command of ['plan', 'promote']) {
    const { exitCode, result } = await promoteUnverified(scene, {
      bundle: other.reference,
      command,
      tags: '',
    })
    assert.equal(exitCode, 7)
    assert.deepEqual(
      result.errors.map(({ kind, message }) => [kind, message]),
      [
        [
          'conflict',
          `${scene.target.host}/${TARGET_PATH}:${locationsTag(other.outer.digest)} names other images than the bundle`,
        ],
      ],
    )
  }
  assert.equal(writesTo(scene.target).length, before)
  assert.equal(tags.get(locationsTag(other.outer.digest)), standing)
})

test('takes what cannot be read for image locations that say otherwise', async () => {
  await using scene = await PromotionScene.start()
  const { outer, web, reference } = putBundle(scene)
  web.putInto(scene.target.store, TARGET_PATH, locationsTag(outer.digest))
  const { exitCode, result } = await promoteUnverified(scene, { bundle: reference })
  assert.equal(exitCode, 7)
  assert.match(result.errors[0]?.message ?? '', /cannot be read: .* does not have the one small layer/)
})

test('never overwrites what somebody else writes in the meantime', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, web, reference } = putBundle(scene)
  const { store } = scene.target
  const { exitCode, result } = await promoteUnverified(scene, { bundle: reference }, (step) => {
    if (step === 'Write the image locations') web.putInto(store, TARGET_PATH, locationsTag(outer.digest))
  })
  assert.equal(exitCode, 7)
  assert.equal(tagsAt(scene.target).get(locationsTag(outer.digest)), web.digest)
  assert.equal(tagsAt(scene.target).get('v1'), undefined)
  assert.equal(locatedBundles(store, [inner]).length, 1)
  assert.deepEqual(result.locations, [`${scene.target.host}/${TARGET_PATH}:${locationsTag(inner.digest)}`])
})

test('gives every image the tag of imgpkg where that is wanted', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, web, db, reference } = putBundle(scene)
  const inputs = { bundle: reference, 'imgpkg-tags': 'true', tags: '{origin-tag}-rc1' }
  await promoteUnverified(scene, { ...inputs, bundle: reference.replace(/@.*/, ':v1') })
  const tags = tagsAt(scene.target)
  for (const { digest } of [outer, inner, web, db]) assert.equal(tags.get(imgpkgTag(digest)), digest)
  assert.equal(tags.get('v1-rc1'), outer.digest)
})

test('neither copies the image locations and tags of the source nor believes them', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, web, reference } = putBundle(scene)
  const { store } = scene.source
  // They would say that all images are here, and of no bundle in the bundle.
  web.putInto(store, 'bundles/outer', locationsTag(outer.digest))
  outer.putInto(store, 'bundles/outer', imgpkgTag(outer.digest))
  const { exitCode } = await promoteUnverified(scene, { bundle: reference, tags: '' })
  assert.equal(exitCode, 0)
  const tags = tagsAt(scene.target)
  assert.deepEqual([...tags.keys()].sort(), [locationsTag(outer.digest), locationsTag(inner.digest)].sort())
  assert.notEqual(tags.get(locationsTag(outer.digest)), web.digest)
})

test('signs nothing that is in a bundle which nobody called one', async () => {
  await using scene = await PromotionScene.start()
  const { reference } = putBundle(scene)
  const { exitCode, result } = await scene.runInPlace('sign', { lock: '', images: reference })
  assert.equal(exitCode, 3)
  assert.match(
    result.errors[0]?.message ?? '',
    /is an imgpkg bundle, and this run would sign all that is in it$/,
  )
  assert.deepEqual(writesTo(scene.source), [])
})
