import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { SignatureFormat } from '../../src/inputs/settings.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Annotations } from '../../src/oci/descriptor.ts'
import { makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { keySigner, signedBy } from '../../src/policy/make-demand.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import type { Verdict } from '../../src/verify/verifier.ts'
import { buildKeys, type KeyPair } from '../builders/build-keys.ts'
import { graphOf } from '../builders/graph-of.ts'
import { keyMaker } from '../builders/key-maker.ts'
import { type MemoryImage, memoryImage } from '../builders/memory-image.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'

const verifier = offlineVerifier()
const ours = buildKeys()
const theirs = buildKeys('rsa')

async function sign(
  image: MemoryImage,
  keys: KeyPair,
  annotations: Annotations = {},
  format: SignatureFormat = 'both',
) {
  const signer = new NativeSigner({ maker: keyMaker(keys.privateKey), annotations, format, verifier })
  return Array.fromAsync(signer.sign(await graphOf(image.repository, image.digest), image.repository))
}

async function verdictOf(image: MemoryImage, keys: KeyPair, requireAnnotations = {}): Promise<Verdict> {
  const graph = await graphOf(image.repository, image.digest)
  return verifier.verify(graph, image.repository, signedBy(keySigner(keys.publicKey), requireAnnotations))
}

async function layersOf({ repository, digest }: MemoryImage) {
  const manifest = await repository.fetchManifest(attachedTag(digest, 'sig'))
  return manifest?.kind === 'image' ? manifest.layers : []
}

describe('a native signature', () => {
  for (const [type, keys] of [
    ['EC', ours],
    ['RSA', theirs],
  ] as const) {
    test(`by an ${type} key verifies in both forms`, async () => {
      const image = await memoryImage()
      assert.deepEqual(await sign(image, keys, { stage: 'prod' }), ['bundle', 'tag'])
      const { signatures } = await verdictOf(image, keys, { stage: 'prod' })
      assert.deepEqual(signatures.map(({ form, counts }) => [form, counts]).toSorted(), [
        ['bundle', true],
        ['tag', true],
      ])
      assert.ok(signatures.every(({ annotations }) => annotations.stage === 'prod'))
    })
  }

  test('under the tag is a plain signature over the blob of its layer', async () => {
    const image = await memoryImage()
    await sign(image, ours, {}, 'tag')
    const [layer] = await layersOf(image)
    assert.ok(layer)
    const payload = await image.repository.readBlob(layer, 10_000)
    const signature = layer.annotations?.['dev.cosignproject.cosign/signature'] ?? ''
    assert.ok(verify('sha256', payload, ours.publicKey, Buffer.from(signature, 'base64')))
    assert.equal((await image.repository.listReferrers(image.digest)).length, 0)
  })

  test('as a bundle is a referrer as cosign 3 writes it, without keyid or witnesses', async () => {
    const image = await memoryImage()
    await sign(image, ours, {}, 'bundle')
    const [listed] = await image.repository.listReferrers(image.digest)
    assert.ok(listed)
    assert.equal(listed.artifactType, MEDIA_TYPES.sigstoreBundle)
    assert.equal(listed.annotations?.['dev.sigstore.bundle.content'], 'dsse-envelope')
    assert.match(listed.annotations?.['org.opencontainers.image.created'] ?? '', /^[\d-]+T[\d:]+Z$/)
    const manifest = await image.repository.fetchManifest(listed.digest)
    assert.ok(manifest?.kind === 'image' && manifest.layers[0])
    const bundle = JSON.parse(
      Buffer.from(await image.repository.readBlob(manifest.layers[0], 10_000)).toString(),
    )
    assert.equal(bundle.verificationMaterial.publicKey.hint, ours.hint)
    assert.equal(bundle.dsseEnvelope.signatures.length, 1)
    assert.ok(!bundle.dsseEnvelope.signatures[0].keyid)
    assert.deepEqual(await layersOf(image), [])
  })
})

test('a bundle is found in a registry without the referrers API too', async () => {
  const image = await memoryImage()
  image.repository.hasReferrersApi = false
  await sign(image, ours, {}, 'bundle')
  assert.ok((await verdictOf(image, ours)).satisfied)
})

test('no blob is sent that is there already', async () => {
  const image = await memoryImage()
  await sign(image, ours)
  await sign(image, theirs)
  const blobs = image.repository.writes.filter((write) => write.startsWith('blob'))
  assert.equal(new Set(blobs).size, blobs.length)
})

describe('signing again', () => {
  test('by the same key with the same annotations writes nothing', async () => {
    const image = await memoryImage()
    await sign(image, ours, { a: '1', b: '2' })
    image.repository.writes.length = 0
    assert.deepEqual(await sign(image, ours, { b: '2', a: '1' }), [])
    assert.deepEqual(image.repository.writes, [])
  })

  test('writes the form that is missing only', async () => {
    const image = await memoryImage()
    await sign(image, ours, {}, 'tag')
    assert.deepEqual(await sign(image, ours), ['bundle'])
    assert.equal((await layersOf(image)).length, 1)
  })

  for (const annotations of [{ a: '1', b: '2' }, {}, { a: '2' }]) {
    test(`with the annotations ${JSON.stringify(annotations)} instead adds a signature`, async () => {
      const image = await memoryImage()
      await sign(image, ours, { a: '1' })
      assert.deepEqual(await sign(image, ours, annotations), ['bundle', 'tag'])
      assert.equal((await layersOf(image)).length, 2)
    })
  }

  test('by another key keeps the first signature, byte for byte and in its place', async () => {
    const image = await memoryImage()
    await sign(image, theirs)
    const [first] = await layersOf(image)
    await sign(image, ours)
    assert.deepEqual((await layersOf(image))[0], first)
    assert.ok((await verdictOf(image, theirs)).satisfied)
    assert.ok((await verdictOf(image, ours)).satisfied)
    assert.equal((await image.repository.listReferrers(image.digest)).length, 2)
  })

  test('mends a signature that does not verify any more', async () => {
    const image = await memoryImage()
    await sign(image, ours, {}, 'tag')
    const other = await memoryImage('other')
    for (const [digest, bytes] of image.repository.blobs) other.repository.blobs.set(digest, bytes)
    const sig = await image.repository.fetchManifest(attachedTag(image.digest, 'sig'))
    assert.ok(sig)
    await other.repository.tag(attachedTag(other.digest, 'sig'), sig)
    assert.deepEqual(await sign(other, ours, {}, 'tag'), ['tag'])
    assert.ok((await verdictOf(other, ours)).satisfied)
  })
})

test('a signature that somebody else writes at the same time is not lost', async () => {
  const image = await memoryImage()
  const graph = await graphOf(image.repository, image.digest)
  await sign(image, theirs, {}, 'tag')
  const signer = new NativeSigner({
    maker: keyMaker(ours.privateKey),
    annotations: {},
    format: 'tag',
    verifier,
  })
  await Array.fromAsync(signer.sign(graph, image.repository))
  assert.equal((await layersOf(image)).length, 2)
})

test('an index under the .sig tag is not written over', async () => {
  const image = await memoryImage()
  const tag = attachedTag(image.digest, 'sig')
  await image.repository.tag(tag, makeIndexManifest([]))
  const graph = { ...(await graphOf(image.repository, image.digest)), attached: [] }
  const signer = new NativeSigner({
    maker: keyMaker(ours.privateKey),
    annotations: {},
    format: 'tag',
    verifier,
  })
  await assert.rejects(
    () => Array.fromAsync(signer.sign(graph, image.repository)),
    (error) => error instanceof PromotionError && error.kind === 'conflict',
  )
  assert.equal((await image.repository.fetchManifest(tag))?.kind, 'index')
})
