import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { actions, BLOB_SOURCE, BlobScene, LARGE, SMALL } from '../builders/blob-scene.ts'

function refusal(): Promise<void> {
  return Promise.reject(new PromotionError('registry', '507 no space'))
}

for (const [size, blob] of [
  ['small', SMALL],
  ['large', LARGE],
] as const) {
  describe(`a ${size} blob`, () => {
    test('is read once at the source for three targets, and arrives whole in each', async () => {
      const scene = new BlobScene()
      const places = ['one.example/app', 'two.example/app', 'three.example/app']
      assert.deepEqual(actions(await scene.copy(blob, ...places)), ['sent', 'sent', 'sent'])
      for (const place of places)
        assert.deepEqual(scene.at(place).blobs.get(blob.descriptor.digest), blob.bytes)
      assert.deepEqual(scene.at(BLOB_SOURCE).reads, [blob.descriptor.digest])
      assert.equal(scene.counted, 3 * blob.descriptor.size)
    })

    test('that one target refuses arrives in the others, and the refusal is that one’s outcome', async () => {
      const scene = new BlobScene()
      scene.at('full.example/app').before = refusal
      const outcomes = await scene.copy(blob, 'one.example/app', 'full.example/app', 'two.example/app')
      assert.deepEqual(actions(outcomes), ['sent', 'failed', 'sent'])
      assert.ok(outcomes[1]?.action === 'failed')
      assert.equal(outcomes[1].error.message, '507 no space')
      assert.equal(scene.counted, 2 * blob.descriptor.size)
    })

    test('that the source does not give is a failure in each target', async () => {
      const scene = new BlobScene()
      scene.at(BLOB_SOURCE).blobs.set(blob.descriptor.digest, Buffer.from('something else'))
      const outcomes = await scene.copy(blob, 'one.example/app', 'two.example/app')
      assert.deepEqual(actions(outcomes), ['failed', 'failed'])
      assert.equal(scene.counted, 0)
    })

    test('whose upload breaks off is sent again from its beginning, and the other target is not held up', async () => {
      const scene = new BlobScene()
      scene.at('flaky.example/app').brokenUploads = 2
      const outcomes = await scene.copy(blob, 'flaky.example/app', 'one.example/app')
      assert.deepEqual(actions(outcomes), ['sent', 'sent'])
      for (const place of ['flaky.example/app', 'one.example/app'])
        assert.deepEqual(scene.at(place).blobs.get(blob.descriptor.digest), blob.bytes)
    })

    test('is mounted where it can be, and then not read at all', async () => {
      const scene = new BlobScene()
      const outcomes = await scene.copy(blob, `dev.example/prod from ${BLOB_SOURCE}`)
      assert.deepEqual(actions(outcomes), ['mounted'])
      assert.deepEqual(scene.at(BLOB_SOURCE).reads, [])
      assert.equal(scene.counted, 0)
    })

    test('that is there already is not sent, which shows only when its upload is begun', async () => {
      const scene = new BlobScene()
      scene.at('one.example/app').blobs.set(blob.descriptor.digest, blob.bytes)
      const outcomes = await scene.copy(blob, 'one.example/app', 'two.example/app')
      assert.deepEqual(actions(outcomes), ['present', 'sent'])
      assert.deepEqual(scene.at('one.example/app').writes, [])
      assert.equal(scene.counted, blob.descriptor.size)
    })

    test('leaves no upload open, whether it was sent, refused, there already or not given by the source', async () => {
      const scene = new BlobScene()
      const [sent, full, held] = ['one', 'full', 'held'].map((name) => scene.at(`${name}.example/app`))
      assert.ok(sent && full && held)
      full.before = refusal
      held.blobs.set(blob.descriptor.digest, blob.bytes)
      await scene.copy(blob, 'one.example/app', 'full.example/app', 'held.example/app')
      const poor = new BlobScene()
      poor.at(BLOB_SOURCE).blobs.delete(blob.descriptor.digest)
      await poor.copy(blob, 'one.example/app', 'two.example/app')
      for (const place of [sent, full, held, poor.at('one.example/app'), poor.at('two.example/app')])
        assert.equal(place.openUploads, 0)
    })

    test('that cannot even be asked for fails in that target and arrives in the other', async () => {
      const scene = new BlobScene()
      scene.at('shut.example/app').beforeUpload = refusal
      const outcomes = await scene.copy(blob, 'shut.example/app', 'one.example/app')
      assert.deepEqual(actions(outcomes), ['failed', 'sent'])
    })

    test('is sent where the mount is refused', async () => {
      const scene = new BlobScene()
      scene.at('dev.example/prod').refusesMounts = true
      const outcomes = await scene.copy(blob, `dev.example/prod from ${BLOB_SOURCE}`, 'one.example/app')
      assert.deepEqual(actions(outcomes), ['sent', 'sent'])
      assert.deepEqual(scene.at(BLOB_SOURCE).reads, [blob.descriptor.digest])
    })

    test('is mounted from a repository that lacks it too, after it was sent there', async () => {
      const scene = new BlobScene()
      const outcomes = await scene.copy(
        blob,
        'prod.example/b from prod.example/a',
        'prod.example/a',
        'prod.example/c from prod.example/a',
      )
      assert.deepEqual(actions(outcomes), ['mounted', 'sent', 'mounted'])
      assert.deepEqual(scene.at(BLOB_SOURCE).reads, [blob.descriptor.digest])
    })
  })
}

test('an upload that is begun again without having read anything does not hold up the other target', async () => {
  const scene = new BlobScene()
  const unread = scene.at('unread.example/app')
  const other = scene.at('one.example/app')
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const { digest } = LARGE.descriptor
  const begin = unread.beginUpload.bind(unread)
  unread.beginUpload = async (blob) => {
    const upload = await begin(blob)
    assert.ok(typeof upload !== 'string')
    const send: typeof upload.send = async (content) => {
      assert.ok(typeof content === 'function')
      content()
      content()
      // Only if the other one is not waiting for this one's first reading does this ever go on.
      await arrived
      await upload.send(content)
    }
    return { ...upload, send }
  }
  const beginOther = other.beginUpload.bind(other)
  other.beginUpload = async (blob) => {
    const upload = await beginOther(blob)
    assert.ok(typeof upload !== 'string')
    return { ...upload, send: (content) => upload.send(content).then(resolve) }
  }
  const outcomes = await scene.copy(LARGE, 'unread.example/app', 'one.example/app')
  assert.deepEqual(actions(outcomes), ['sent', 'sent'])
  assert.deepEqual(unread.blobs.get(digest), LARGE.bytes)
})

test('a mount that fails for another reason is a failure, and nothing is sent instead', async () => {
  const scene = new BlobScene()
  scene.at('dev.example/prod').before = refusal
  const outcomes = await scene.copy(SMALL, `dev.example/prod from ${BLOB_SOURCE}`)
  assert.deepEqual(actions(outcomes), ['failed'])
  assert.deepEqual(scene.at(BLOB_SOURCE).reads, [])
})

test('a small blob is read once also where a registry refuses to mount it from its other repository', async () => {
  const scene = new BlobScene()
  const refusing = scene.at('prod.example/b')
  refusing.refusesMounts = true
  const outcomes = await scene.copy(SMALL, 'prod.example/b from prod.example/a', 'prod.example/a')
  assert.deepEqual(actions(outcomes), ['sent', 'sent'])
  assert.deepEqual(scene.at(BLOB_SOURCE).reads, [SMALL.descriptor.digest])
  assert.deepEqual(refusing.blobs.get(SMALL.descriptor.digest), SMALL.bytes)
})

test('the source of a small blob is read while the targets are asked, and that of a large one when they have answered', async () => {
  for (const [blob, isRead] of [
    [SMALL, true],
    [LARGE, false],
  ] as const) {
    const scene = new BlobScene()
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    const target = scene.at('one.example/app')
    target.beforeUpload = () => answered
    const copying = scene.copy(blob, 'one.example/app')
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    assert.equal(scene.at(BLOB_SOURCE).reads.length > 0, isRead)
    answer()
    assert.deepEqual(actions(await copying), ['sent'])
    assert.equal(scene.at(BLOB_SOURCE).reads.length, 1)
  }
})

test('a large blob that all targets have is not read at all', async () => {
  const scene = new BlobScene()
  for (const place of ['one.example/app', 'two.example/app'])
    scene.at(place).blobs.set(LARGE.descriptor.digest, LARGE.bytes)
  assert.deepEqual(actions(await scene.copy(LARGE, 'one.example/app', 'two.example/app')), [
    'present',
    'present',
  ])
  assert.deepEqual(scene.at(BLOB_SOURCE).reads, [])
})
