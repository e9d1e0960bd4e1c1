import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH } from '../builders/promotion-scene.ts'
import type { RequestHead } from '../fakes/registry-exchange.ts'

/** Lets the target answer a PUT as always, and lose what it took. */
function loseOnce(scene: PromotionScene, digest: string): void {
  const there = scene.target.store.repository(TARGET_PATH)
  const isIt = ({ method, path, query }: RequestHead) =>
    method === 'PUT' && (path.endsWith(digest) || query.get('digest') === digest)
  scene.target.fault(isIt, 1, (_, proceed) => {
    const made = proceed()
    there.blobs.delete(digest)
    there.manifests.delete(digest)
    return made
  })
}

describe('a failure in the middle of the copy', () => {
  test('moves no tag anywhere, and the image that could be copied still is', async () => {
    await using scene = await PromotionScene.start({}, [{}, {}])
    const second = buildCompleteSample('second', scene.keys)
    second.putInto(scene.source.store, SOURCE_PATH)
    await scene.list({ image: scene.reference() }, { image: scene.reference(second.image.digest) })
    scene.target.fault(({ method, path }) => method === 'PUT' && path.endsWith(second.image.digest), 99, {
      status: 403,
      body: '{"errors":[{"code":"DENIED","message":"quota exceeded"}]}',
    })
    const to = scene.targets.map(({ host }) => `${host}/{repository}`).join('\n')
    const { exitCode, result } = await scene.run({ to, tags: '' })
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /PUT .* answered 403: DENIED: quota exceeded/)
    assert.deepEqual(
      result.images.map(({ targets }) => targets.map(({ outcome }) => outcome)),
      [
        ['copied', 'copied'],
        ['failed', 'copied'],
      ],
    )
  })

  test('leaves the tags where they are', async () => {
    await using scene = await PromotionScene.start({}, [{}, {}])
    const [, second] = scene.targets
    const root = scene.sample.image.digest
    second?.fault(({ method, path }) => method === 'PUT' && path.endsWith(root), 99, { status: 403 })
    const { exitCode, reporter } = await scene.run()
    assert.equal(exitCode, 4)
    for (const target of scene.targets) assert.equal(scene.tagAt(target, 'v1'), undefined)
    assert.ok(!reporter.steps.includes('Move the tags'))
  })
})

describe('a registry that answers 201 and loses', { concurrency: true }, () => {
  for (const readBack of ['auto', 'head']) {
    test(`a blob is found out before any manifest is written (read-back ${readBack})`, async () => {
      await using scene = await PromotionScene.start()
      const lost = scene.sample.children[0]?.blobs[1]?.descriptor.digest ?? ''
      const there = scene.target.store.repository(TARGET_PATH)
      loseOnce(scene, lost)
      const { exitCode, result } = await scene.run({ 'read-back': readBack })
      assert.equal(exitCode, 8)
      assert.match(
        result.errors[0]?.message ?? '',
        new RegExp(`took the blob ${lost} and does not give it back`),
      )
      assert.deepEqual([there.manifests.size, there.tags.size], [0, 0])
    })
  }

  test('a child is found out before its index is written', async () => {
    await using scene = await PromotionScene.start()
    const lost = scene.sample.children[0]?.digest ?? ''
    const there = scene.target.store.repository(TARGET_PATH)
    loseOnce(scene, lost)
    const { exitCode } = await scene.run()
    assert.equal(exitCode, 8)
    assert.ok(!there.manifests.has(scene.sample.image.digest))
    assert.equal(there.tags.size, 0)
  })

  test('the image itself is found out before any tag moves', async () => {
    await using scene = await PromotionScene.start()
    loseOnce(scene, scene.sample.image.digest)
    const { exitCode } = await scene.run()
    assert.equal(exitCode, 8)
    assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
  })
})

describe('when a tag cannot be moved', () => {
  test('those that were moved go back: an old one to where it was, a new one away', async () => {
    await using scene = await PromotionScene.start({}, [{}, {}])
    const [first, second] = scene.targets
    assert.ok(first && second)
    const older = buildImage({ seed: 'older' })
    older.putInto(first.store, TARGET_PATH, 'latest')
    second.fault(({ method, path }) => method === 'PUT' && path.endsWith('/latest'), 99, { status: 403 })
    const { exitCode, result } = await scene.run({ tags: 'v1\nlatest', 'existing-tags': 'move' })
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /no tag is left on a new image/)
    assert.deepEqual(
      [first, second].map((target) => [scene.tagAt(target, 'v1'), scene.tagAt(target, 'latest')]),
      [
        [undefined, older.digest],
        [undefined, undefined],
      ],
    )
    assert.ok(result.images[0]?.targets.every(({ tags }) => tags.every(({ done }) => !done)))
  })

  test('a registry that cannot remove a new one is named, and the report says that it stayed', async () => {
    await using scene = await PromotionScene.start({}, [{ tagDeletion: false }, {}])
    const [first, second] = scene.targets
    assert.ok(first && second)
    second.fault(({ method, path }) => method === 'PUT' && path.endsWith('/v1'), 99, { status: 403 })
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 4)
    assert.ok(result.errors[0]?.message.includes(`could not be put back: ${first.host}/${TARGET_PATH}:v1`))
    assert.equal(scene.tagAt(first, 'v1'), scene.sample.image.digest)
    assert.deepEqual(
      result.images[0]?.targets.map(({ tags }) => tags.map(({ done }) => done)),
      [[true], [false]],
    )
  })
})
