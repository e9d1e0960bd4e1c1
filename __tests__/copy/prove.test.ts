import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Proof, proveBlob, proveManifest } from '../../src/copy/prove.ts'
import { PromotionError } from '../../src/errors.ts'
import { buildImage } from '../builders/build-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

const image = buildImage({ seed: 'proven' })
const [blob] = image.blobs
assert.ok(blob)
const { digest } = blob.descriptor
const { signal } = new AbortController()
const WAYS: readonly Proof[] = ['full', 'head']

/** A target with the image, and how the two proofs of it go. */
function scene() {
  const target = new WatchedRepository({ registry: 'prod.example', path: 'app' })
  putArtifact(image, target)
  assert.ok(blob)
  return {
    target,
    ofBlob: (how: Proof, until = signal) => proveBlob(blob.descriptor, target, how, until),
    ofManifest: (until = signal) => proveManifest(image.manifest, target, until),
  }
}

test('what is there is proven with one question, and a manifest is returned as it was read', async () => {
  const { target, ofBlob, ofManifest } = scene()
  for (const how of WAYS) await ofBlob(how)
  assert.equal(await ofManifest(), image.manifest)
  assert.deepEqual(target.asked, [`whole ${digest}`, `has ${digest}`, `fetch ${image.digest}`])
})

describe('what a registry shows late', { concurrency: true }, () => {
  for (const how of WAYS) {
    test(`is looked for again, a blob (${how})`, async () => {
      const { target, ofBlob } = scene()
      target.showsLate.set(digest, 2)
      await ofBlob(how)
      assert.equal(target.asked.length, 3)
    })

    test(`is lost when it does not come, a blob (${how})`, async () => {
      const { target, ofBlob } = scene()
      target.blobs.delete(digest)
      const [error] = await problemsOf(() => ofBlob(how))
      assert.equal(error?.kind, 'incomplete')
      assert.equal(error?.message, `prod.example/app took the blob ${digest} and does not give it back`)
      assert.equal(target.asked.length, 4)
    })
  }

  test('is looked for again, a manifest', async () => {
    const { target, ofManifest } = scene()
    target.showsLate.set(image.digest, 2)
    assert.equal(await ofManifest(), image.manifest)
    assert.equal(target.asked.length, 3)
  })

  test('is lost when it does not come, a manifest', async () => {
    const { target, ofManifest } = scene()
    target.manifests.delete(image.digest)
    const [error] = await problemsOf(() => ofManifest())
    assert.equal(error?.kind, 'incomplete')
    assert.equal(
      error?.message,
      `prod.example/app took the manifest ${image.digest} and does not give it back`,
    )
  })

  test('is not waited for when the run is stopped', async () => {
    const { target, ofBlob, ofManifest } = scene()
    target.blobs.delete(digest)
    target.manifests.delete(image.digest)
    const stop = new AbortController()
    const reason = new PromotionError('interrupted', 'The run was ended')
    const proofs = [ofBlob('full', stop.signal), ofBlob('head', stop.signal), ofManifest(stop.signal)]
    const settled = Promise.allSettled(proofs)
    stop.abort(reason)
    for (const one of await settled) assert.deepEqual(one, { status: 'rejected', reason })
    assert.equal(target.asked.length, 3)
  })
})

test('other bytes are an error in full, at once, and go unseen when the blob is only asked for', async () => {
  const { target, ofBlob } = scene()
  target.blobs.set(digest, Buffer.alloc(blob.descriptor.size))
  const [error] = await problemsOf(() => ofBlob('full'))
  assert.ok(error?.message.includes(digest))
  assert.equal(target.asked.length, 1)
  await ofBlob('head')
})

test('a registry that does not answer is its own error, and not a loss', async () => {
  const { target, ofBlob, ofManifest } = scene()
  const refuse = () => Promise.reject(new PromotionError('registry', '503'))
  Object.assign(target, { hasBlob: refuse, hasWholeBlob: refuse, fetchManifest: refuse })
  for (const proof of [() => ofBlob('full'), () => ofBlob('head'), () => ofManifest()])
    assert.equal((await problemsOf(proof))[0]?.message, '503')
})
