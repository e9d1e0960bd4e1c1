import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { makeIndexManifest } from '../../src/oci/manifest.ts'
import { formatSummary } from '../../src/report/summary.ts'
import { buildBundleSignature, buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import { requireRefused, secureScene, unsignedScene } from './secure-scene.ts'

const IMAGE = buildImage({ seed: 'signed or not' })
const OTHER = buildImage({ seed: 'another one' })

describe('10. A tag is resolved once: what moves under it later is not promoted', () => {
  for (const after of [
    'Read the image list',
    'Plan',
    'Verify at the source',
    'Copy',
    'Verify at the targets',
  ]) {
    test(`when it moves after the step "${after}"`, async () => {
      await using scene = await secureScene()
      const repository = scene.source.store.repository(SOURCE_PATH)
      const evil = buildImage({ seed: 'evil' })
      const onStepEnd = (step: string) => {
        if (step === after) evil.putInto(scene.source.store, SOURCE_PATH, 'v1')
      }
      const images = `${scene.source.host}/${SOURCE_PATH}:v1`
      const { exitCode, result } = await scene.run({ lock: '', images }, { onStepEnd })
      assert.equal(repository.tags.get('v1'), evil.digest)
      assert.deepEqual([exitCode, result.images[0]?.digest], [0, scene.sample.image.digest])
      assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
      assert.ok(!scene.target.store.repository(TARGET_PATH).manifests.has(evil.digest))
      assert.equal(scene.source.requests.filter(({ path }) => path.endsWith('/manifests/v1')).length, 1)
    })
  }
})

describe('11. What was made for one image proves nothing about another', () => {
  test('a .sig of A under the tag of B', async () => {
    await using scene = await unsignedScene(IMAGE)
    const sig = buildSignatures(OTHER.descriptor, [{ keys: scene.keys }])
    sig.putInto(scene.source.store, SOURCE_PATH, attachedTag(IMAGE.digest, 'sig'))
    requireRefused(scene, await scene.run(), /its signer signed the image .*, not this one/)
  })

  test('a referrer of A in the list of B: it does not count, and it is not promoted with B', async () => {
    for (const referrersApi of [true, false]) {
      await using scene = await secureScene({ referrersApi })
      const { source, keys, sample } = scene
      const foreign = buildBundleSignature(OTHER.descriptor, { keys })
      foreign.putInto(source.store, SOURCE_PATH)
      const { bytes, descriptor } = makeIndexManifest([foreign.descriptor])
      IMAGE.putInto(source.store, SOURCE_PATH)
      const repository = source.store.repository(SOURCE_PATH)
      repository.tags.set(fallbackTag(IMAGE.digest), repository.putManifest(bytes, descriptor.mediaType))
      await scene.list({ image: scene.reference(IMAGE.digest) })
      requireRefused(scene, await scene.run(), /it has no signature/)
      const { exitCode, result } = await scene.run({ verify: 'none', 'public-key': '' })
      assert.equal(exitCode, 0)
      assert.match(
        result.warnings.join('\n'),
        new RegExp(`${foreign.digest} .*which is not its subject: left out`),
      )
      assert.ok(!scene.target.store.repository(TARGET_PATH).manifests.has(foreign.digest))
      assert.notEqual(sample.image.digest, IMAGE.digest)
    }
  })

  test('a signature of a child does not stand for the index, nor that of an index for another one with the same child', async () => {
    const index = buildIndex([IMAGE])
    await using scene = await unsignedScene(index)
    for (const signed of [IMAGE, buildIndex([IMAGE, OTHER])]) {
      signed.putInto(scene.source.store, SOURCE_PATH)
      buildSignatures(signed.descriptor, [{ keys: scene.keys }]).putInto(scene.source.store, SOURCE_PATH)
    }
    requireRefused(scene, await scene.run(), /it has no signature/)
  })
})

describe('12. Nothing to verify is never "verified"', () => {
  for (const [what, lock] of [
    ['an empty list', '---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages: []\nkind: ImagesLock\n'],
    ['no list at all', '---\napiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n'],
    ['an empty file', ''],
  ] as const) {
    test(`${what} in the lock is refused`, async () => {
      await using scene = await secureScene()
      await scene.write('images.yml', lock)
      for (const command of ['promote', 'verify'] as const) {
        const { exitCode, result } = await (command === 'verify' ? scene.runInPlace('verify') : scene.run())
        assert.deepEqual([exitCode, result.totals.verified, result.succeeded], [3, 0, false])
      }
      assert.deepEqual(scene.source.requests, [])
    })
  }

  test('an image without a signature, and an index without a child, are refused', async () => {
    for (const image of [IMAGE, buildIndex([])]) {
      await using scene = await unsignedScene(image)
      requireRefused(scene, await scene.run(), /it has no signature/)
    }
  })

  test('an empty policy is refused before anything is asked', async () => {
    await using scene = await secureScene()
    const { exitCode } = await scene.run({ 'public-key': '' })
    assert.equal(exitCode, 3)
    assert.deepEqual([...scene.source.requests, ...scene.target.requests], [])
  })

  for (const status of [401, 403]) {
    test(`a ${status} where signatures would be is an error, and not "there is none"`, async () => {
      await using scene = await unsignedScene(IMAGE)
      const sig = attachedTag(IMAGE.digest, 'sig')
      scene.source.fault(({ path }) => path.endsWith(sig) || path.endsWith('/tags/list'), 99, { status })
      const { exitCode } = await scene.run({ verify: 'none', 'public-key': '' })
      assert.equal(exitCode, 4)
      assert.deepEqual(writesTo(scene.target), [])
    })
  }

  test('nobody verified is told as nobody verified', async () => {
    await using scene = await unsignedScene(IMAGE)
    const { result } = await scene.run({ verify: 'none', 'public-key': '' })
    assert.deepEqual([result.succeeded, result.totals.verified, result.policy?.by], [true, 0, 'nobody'])
    assert.match(formatSummary(result), /^## ✅ 1 image promoted unverified/)
    assert.match(formatSummary(result), /verify is none/)
  })

  test('a signature that was lost on the way fails the run at the target, and no tag moves', async () => {
    await using scene = await secureScene()
    const sig = attachedTag(scene.sample.image.digest, 'sig')
    scene.target.fault(({ method, path }) => method === 'PUT' && path.endsWith(sig), 99, {
      status: 201,
      headers: { 'docker-content-digest': digestOf('') },
    })
    const { exitCode } = await scene.run()
    assert.notEqual(exitCode, 0)
    assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
  })
})
