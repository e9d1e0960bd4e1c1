import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BLOB_SOURCE, BlobScene, SMALL } from '../builders/blob-scene.ts'

describe('a blob is proven where it is said to be', { concurrency: true }, () => {
  const { digest } = SMALL.descriptor
  const PLACE = 'one.example/app'
  const MOUNTED = `dev.example/prod from ${BLOB_SOURCE}`
  const wrong = Buffer.alloc(SMALL.descriptor.size)

  for (const [what, proving, asked] of [
    ['in full', { sent: 'full', mounted: 'head' }, `whole ${digest}`],
    ['by asking for it', { sent: 'head', mounted: 'full' }, `has ${digest}`],
  ] as const) {
    test(`${what} when it was sent, and when it was there already`, async () => {
      for (const isThere of [false, true]) {
        const scene = new BlobScene()
        scene.proving = proving
        if (isThere) scene.at(PLACE).blobs.set(digest, SMALL.bytes)
        await scene.copy(SMALL, PLACE)
        assert.deepEqual(scene.at(PLACE).asked, [asked])
      }
    })
  }

  for (const [what, proving, asked] of [
    ['in full', { sent: 'head', mounted: 'full' }, `whole ${digest}`],
    ['by asking for it', { sent: 'full', mounted: 'head' }, `has ${digest}`],
  ] as const) {
    test(`${what} when it was mounted`, async () => {
      const scene = new BlobScene()
      scene.proving = proving
      await scene.copy(SMALL, MOUNTED)
      assert.deepEqual(scene.at('dev.example/prod').asked, [asked])
    })
  }

  test('other bytes under its digest fail it, and the error names the digest', async () => {
    const scene = new BlobScene()
    scene.at(PLACE).blobs.set(digest, wrong)
    const [outcome] = await scene.copy(SMALL, PLACE)
    assert.ok(outcome?.action === 'failed')
    assert.ok(outcome.error.message.includes(digest))
  })

  for (const [place, where] of [
    [PLACE, PLACE],
    [MOUNTED, 'dev.example/prod'],
  ] as const) {
    test(`one that is taken and lost fails, ${place === MOUNTED ? 'mounted' : 'sent'}`, async () => {
      const scene = new BlobScene()
      scene.at(where).loses.add(digest)
      const [outcome, other] = await scene.copy(SMALL, place, 'two.example/app')
      assert.ok(outcome?.action === 'failed')
      assert.equal(outcome.error.kind, 'incomplete')
      assert.equal(outcome.error.message, `${where} took the blob ${digest} and does not give it back`)
      assert.equal(other?.action, 'sent')
    })
  }
})
