import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { InventoryEntry } from '../../src/graph/inventory.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import { startRegistry } from '../fakes/registry-server.ts'

function sorted(inventory: readonly InventoryEntry[]): readonly string[] {
  return inventory.map((entry) => JSON.stringify(entry)).toSorted()
}

for (const from of [true, false]) {
  for (const to of [true, false]) {
    const kinds = [from, to].map((api) => `${api ? 'with' : 'without'} the referrers API`)
    test(`all of an image arrives from a registry ${kinds.join(' in one ')}, and a second run writes nothing`, async () => {
      await using scene = await PromotionScene.start({ referrersApi: from }, [{ referrersApi: to }])
      const { exitCode, result } = await scene.run()
      assert.deepEqual([exitCode, result.errors], [0, []])

      const [image] = result.images
      assert.equal(image?.inventory.length, 3 + scene.sample.attached.length)
      assert.deepEqual(sorted(image?.targets[0]?.inventory ?? []), sorted(image?.inventory ?? []))
      const there = scene.target.store.repository(TARGET_PATH)
      const source = scene.source.store.repository(SOURCE_PATH)
      for (const { digest } of image?.inventory ?? [])
        assert.deepEqual(there.manifests.get(digest)?.bytes, source.manifests.get(digest)?.bytes)
      assert.deepEqual([...there.blobs].toSorted(), [...source.blobs].toSorted())
      assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
      assert.equal(image?.targets[0]?.outcome, 'copied')
      assert.deepEqual(writesTo(scene.source), [])
      assert.equal(scene.target.store.openUploads(), 0)

      scene.target.requests.length = 0
      const again = await scene.run()
      assert.equal(again.exitCode, 0)
      assert.deepEqual(writesTo(scene.target), [])
      assert.equal(again.result.images[0]?.targets[0]?.outcome, 'present')
      assert.deepEqual(again.result.images[0]?.targets[0]?.tags, [{ tag: 'v1', action: 'keep', done: true }])
    })
  }
}

test('with several targets every blob of the source is read once, those of the signatures too', async () => {
  await using scene = await PromotionScene.start({}, [{}, { referrersApi: false }, {}])
  assert.equal((await scene.run()).exitCode, 0)
  const read = scene.source.requestsBy('GET').filter(({ path }) => path.includes('/blobs/'))
  const paths = read.map(({ path }) => path)
  assert.equal(new Set(paths).size, paths.length)
  assert.equal(paths.length, scene.source.store.repository(SOURCE_PATH).blobs.size)
  for (const target of scene.targets) assert.equal(scene.tagAt(target, 'v1'), scene.sample.image.digest)
})

test('on one registry blobs are mounted, and none is read but those of signatures', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result } = await scene.run({ to: `${scene.source.host}/${TARGET_PATH}` })
  assert.equal(exitCode, 0)
  assert.equal(result.totals.sentBlobs, 0)
  assert.equal(result.totals.mountedBlobs, scene.source.store.repository(SOURCE_PATH).blobs.size)
  const layers = scene.sample.image.blobs.map(({ descriptor }) => `/blobs/${descriptor.digest}`)
  const reads = scene.source
    .requestsBy('GET')
    .filter(({ path }) => layers.some((layer) => path.endsWith(layer)))
  assert.deepEqual(reads, [])
})

test('what an earlier run left unfinished is finished, and nothing that is there is sent again', async () => {
  await using scene = await PromotionScene.start()
  const root = scene.sample.image.digest
  scene.target.fault(({ method, path }) => method === 'PUT' && path.endsWith(root), 1, { status: 403 })
  const first = await scene.run()
  assert.equal(first.exitCode, 4)
  assert.equal(first.result.totals.sentBlobs, scene.source.store.repository(SOURCE_PATH).blobs.size)
  scene.target.requests.length = 0
  const { exitCode, result } = await scene.run()
  assert.deepEqual([exitCode, result.totals.sentBlobs], [0, 0])
  const blobs = scene.target.requestsBy('PUT').filter(({ path }) => path.includes('/blobs/'))
  assert.deepEqual([blobs.length, scene.target.store.openUploads()], [0, 0])
  assert.equal(scene.tagAt(scene.target, 'v1'), root)
})

test('with read-back full, a target that lost a layer since is mended: that one blob and nothing else', async () => {
  await using scene = await PromotionScene.start()
  await scene.run()
  const there = scene.target.store.repository(TARGET_PATH)
  const lost = scene.sample.children[1]?.blobs[1]?.descriptor.digest ?? ''
  assert.ok(there.blobs.delete(lost))
  const { exitCode, result } = await scene.run({ 'read-back': 'full' })
  assert.equal(exitCode, 0)
  assert.ok(there.blobs.has(lost))
  assert.deepEqual([result.totals.sentBlobs, result.totals.sentManifests], [1, 0])
})

test('what others have signed and attached at the target is kept', async () => {
  for (const referrersApi of [true, false]) {
    await using scene = await PromotionScene.start({}, [{ referrersApi }])
    const { image } = scene.sample
    const foreign = [
      buildSignatures(image.descriptor, [{ keys: buildKeys() }]),
      buildReferrer(image.descriptor, 'application/vnd.example.other', 'theirs'),
    ]
    for (const artifact of foreign) artifact.putInto(scene.target.store, TARGET_PATH)
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 0)
    const sig = attachedTag(image.digest, 'sig')
    assert.deepEqual(result.images[0]?.targets[0]?.merged, [sig])
    const merged = String(scene.target.store.repository(TARGET_PATH).findManifest(sig)?.bytes)
    for (const { manifest } of [foreign[0], scene.sample.attached[0]?.artifact].filter(
      (one) => one !== undefined,
    ))
      for (const layer of manifest.kind === 'image' ? manifest.layers : []) {
        const signature = layer.annotations?.['dev.cosignproject.cosign/signature'] ?? ''
        assert.ok(signature && merged.includes(signature))
      }
    const found = result.images[0]?.targets[0]?.inventory ?? []
    assert.ok(found.some(({ digest }) => digest === foreign[1]?.digest))
    const written = writesTo(scene.target).length
    assert.equal((await scene.run({ command: 'plan', tags: 'v1' })).exitCode, 0)
    assert.equal((await scene.run()).exitCode, 0)
    assert.equal(writesTo(scene.target).length, written)
  }
})

test('a target that lost a child with its layer is mended, though another child names the layer too', async () => {
  await using scene = await PromotionScene.start()
  const [layer] = buildImage({ seed: 'shared', layers: [Buffer.from('shared by both')] }).blobs.slice(1)
  assert.ok(layer)
  const children = ['amd64', 'arm64'].map((seed) =>
    buildImage({ seed, layers: [Buffer.from('shared by both')] }),
  )
  const index = buildIndex(children)
  for (const artifact of [...children, index]) artifact.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(index.digest) })
  const inputs = { verify: 'none', 'public-key': '' }
  assert.equal((await scene.run(inputs)).exitCode, 0)
  const there = scene.target.store.repository(TARGET_PATH)
  assert.ok(there.blobs.delete(layer.descriptor.digest))
  assert.ok(there.manifests.delete(children[0]?.digest ?? index.digest))
  assert.equal((await scene.run(inputs)).exitCode, 0)
  assert.ok(there.blobs.has(layer.descriptor.digest))
  assert.ok(there.manifests.has(children[0]?.digest ?? index.digest))
})

test('two targets that are the same repository are said, and nothing else goes wrong', async () => {
  await using scene = await PromotionScene.start()
  const to = [`${scene.target.host}/a/{name}`, `${scene.target.host}/a/app`].join('\n')
  const { exitCode, result } = await scene.run({ to })
  assert.equal(exitCode, 3)
  assert.match(result.errors[0]?.message ?? '', /are both .*\/a\/app/)
})

describe('nothing is written to the target', () => {
  for (const [what, exitCode, why, prepare] of [
    [
      'for an unsigned image',
      5,
      /does not satisfy the policy: .*; it has no signature/,
      async (scene: PromotionScene) => {
        const image = buildImage({ seed: 'unsigned' })
        image.putInto(scene.source.store, SOURCE_PATH)
        await scene.list({ image: scene.reference(image.digest) })
        return {}
      },
    ],
    [
      'for an image that another key signed',
      5,
      /the signature is not by the key of the policy/,
      async (scene: PromotionScene) => ({
        'public-key': await scene.write('other.pub', buildKeys().publicPem),
      }),
    ],
    [
      'for a signature without the required annotation',
      5,
      /it states stage="test" instead of stage="prod"/,
      async () => ({ 'require-annotations': 'stage=prod' }),
    ],
    [
      'when the .sig tag answers 403',
      4,
      /GET http:.*\/manifests\/sha256-\w+\.sig answered 403/,
      async (scene: PromotionScene) => {
        const sig = attachedTag(scene.sample.image.digest, 'sig')
        scene.source.fault(({ path }) => path.endsWith(sig), 99, { status: 403 })
        return {}
      },
    ],
    [
      'when the tag points elsewhere and must not move',
      7,
      /prod\/app:v1 points at sha256:\w+ already, not at sha256:/,
      async (scene: PromotionScene) => {
        buildImage({ seed: 'older' }).putInto(scene.target.store, TARGET_PATH, 'v1')
        return {}
      },
    ],
  ] as const) {
    test(`${what}, and the run ends with ${exitCode}`, async () => {
      await using scene = await PromotionScene.start()
      const inputs = await prepare(scene)
      const run = await scene.run(inputs)
      assert.equal(run.exitCode, exitCode)
      assert.match(run.result.errors[0]?.message ?? '', why)
      assert.equal(run.result.errors[0]?.location?.file, 'images.yml')
      assert.deepEqual([...writesTo(scene.target), ...writesTo(scene.source)], [])
    })
  }

  test('when one image of two is refused', async () => {
    await using scene = await PromotionScene.start()
    const image = buildImage({ seed: 'unsigned' })
    image.putInto(scene.source.store, SOURCE_PATH)
    await scene.list({ image: scene.reference() }, { image: scene.reference(image.digest) })
    const { exitCode, result } = await scene.run({ tags: '' })
    assert.equal(exitCode, 5)
    assert.deepEqual(
      result.errors.map(({ location }) => location?.line),
      [5],
    )
    assert.deepEqual(writesTo(scene.target), [])
  })
})

test('the source may be the target of an earlier run, on a registry with another port', async () => {
  await using scene = await PromotionScene.start()
  await scene.run()
  await using next = await startRegistry()
  const image = `${scene.target.host}/${TARGET_PATH}@${scene.sample.image.digest}`
  const { exitCode, result } = await scene.run({ lock: '', images: image, to: `${next.host}/{name}` })
  assert.equal(exitCode, 0)
  assert.equal(result.images[0]?.targets[0]?.inventory.length, 3 + scene.sample.attached.length)
})
