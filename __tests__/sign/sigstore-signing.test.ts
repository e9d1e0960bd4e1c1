import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { SignatureFormat } from '../../src/inputs/settings.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Annotations } from '../../src/oci/descriptor.ts'
import { signedBy } from '../../src/policy/make-demand.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import type { SignatureMaker } from '../../src/sign/signature-maker.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { graphOf } from '../builders/graph-of.ts'
import { type MemoryImage, memoryImage } from '../builders/memory-image.ts'
import { sigstoreMaker } from '../builders/sigstore-maker.ts'
import { requestsTo, startSigstoreScene } from '../builders/sigstore-scene.ts'
import { sigstoreVerifier } from '../builders/sigstore-verifier.ts'
import type { PrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'

interface Way {
  readonly maker: SignatureMaker
  readonly annotations?: Annotations
  readonly format?: SignatureFormat
}

async function sign(
  sigstore: PrivateSigstore,
  image: MemoryImage,
  { maker, annotations = {}, format = 'both' }: Way,
) {
  const signer = new NativeSigner({ maker, annotations, format, verifier: sigstoreVerifier(sigstore) })
  return Array.fromAsync(signer.sign(await graphOf(image.repository, image.digest), image.repository))
}

async function verdictOf(sigstore: PrivateSigstore, image: MemoryImage, maker: SignatureMaker) {
  const graph = await graphOf(image.repository, image.digest)
  return sigstoreVerifier(sigstore).verify(graph, image.repository, signedBy(await maker.identity()))
}

test('fifty images signed side by side in both forms take one token and one certificate', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const maker = sigstoreMaker(sigstore, http, { rekor: 1, timestamp: true })
  const images = await Promise.all(Array.from({ length: 50 }, (_, index) => memoryImage(`image ${index}`)))
  const forms = await Promise.all(images.map((image) => sign(sigstore, image, { maker })))
  assert.deepEqual(
    forms,
    images.map(() => ['bundle', 'tag']),
  )
  assert.equal(requestsTo(sigstore, sigstore.fulcioUrl), 1)
  assert.equal(requestsTo(sigstore, sigstore.actionsRequest.url), 1)
  assert.equal(requestsTo(sigstore, sigstore.rekorUrl), 100)
  for (const image of images) assert.ok((await verdictOf(sigstore, image, maker)).satisfied)
})

const RSA = buildKeys('rsa').privateKey
for (const [what, choice] of [
  ['keyless with Rekor v1', { rekor: 1 }],
  ['keyless with a timestamp', { timestamp: true }],
  ['keyless with Rekor v2 and a timestamp', { rekor: 2, timestamp: true }],
  ['with an RSA key and Rekor v1', { rekor: 1, key: RSA }],
  ['with an RSA key and a timestamp', { timestamp: true, key: RSA }],
] as const) {
  test(`signing again ${what} writes nothing, also with another certificate`, async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const image = await memoryImage()
    const first = sigstoreMaker(sigstore, http, choice)
    assert.deepEqual(await sign(sigstore, image, { maker: first, annotations: { a: '1' } }), [
      'bundle',
      'tag',
    ])
    image.repository.writes.length = 0
    const second = sigstoreMaker(sigstore, http, choice)
    assert.deepEqual(await sign(sigstore, image, { maker: second, annotations: { a: '1' } }), [])
    assert.deepEqual(image.repository.writes, [])
  })
}

test('a signature without the evidence that is wanted now is made anew', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const image = await memoryImage()
  const key = buildKeys().privateKey
  await sign(sigstore, image, { maker: sigstoreMaker(sigstore, http, { key }) })
  const logged = sigstoreMaker(sigstore, http, { key, rekor: 1 })
  assert.deepEqual(await sign(sigstore, image, { maker: logged }), ['bundle', 'tag'])
  const bare = sigstoreMaker(sigstore, http, { key })
  assert.deepEqual(await sign(sigstore, image, { maker: bare }), [])
})

test('who signs as somebody else adds a signature', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const image = await memoryImage()
  await sign(sigstore, image, { maker: sigstoreMaker(sigstore, http, { rekor: 1 }) })
  sigstore.actionsRequest.claims = { sha: '0000000000000000000000000000000000000000' }
  const other = sigstoreMaker(sigstore, http, { rekor: 1 })
  assert.deepEqual(await sign(sigstore, image, { maker: other }), ['bundle', 'tag'])
})

describe('under the tag', () => {
  async function annotationsOf(image: MemoryImage): Promise<Annotations> {
    const manifest = await image.repository.fetchManifest(attachedTag(image.digest, 'sig'))
    assert.ok(manifest?.kind === 'image')
    return manifest.layers[0]?.annotations ?? {}
  }

  test('stand the certificate, its chain, the log entry and the timestamp, as cosign writes them', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const image = await memoryImage()
    const maker = sigstoreMaker(sigstore, http, { rekor: 1, timestamp: true })
    await sign(sigstore, image, { maker, format: 'tag' })
    const annotations = await annotationsOf(image)
    assert.deepEqual(Object.keys(annotations).toSorted(), [
      'dev.cosignproject.cosign/signature',
      'dev.sigstore.cosign/bundle',
      'dev.sigstore.cosign/certificate',
      'dev.sigstore.cosign/chain',
      'dev.sigstore.cosign/rfc3161timestamp',
    ])
    const entry = JSON.parse(annotations['dev.sigstore.cosign/bundle'] ?? '')
    assert.match(entry.Payload.logID, /^[0-9a-f]{64}$/)
    assert.equal(typeof entry.Payload.integratedTime, 'number')
    assert.match(annotations['dev.sigstore.cosign/certificate'] ?? '', /^-----BEGIN CERTIFICATE-----\n/)
  })

  test('an entry of Rekor v2 is left out, and the timestamp has to do', async (context) => {
    const { sigstore, http } = await startSigstoreScene(context)
    const image = await memoryImage()
    const maker = sigstoreMaker(sigstore, http, { rekor: 2, timestamp: true })
    await sign(sigstore, image, { maker })
    const annotations = await annotationsOf(image)
    assert.ok(!('dev.sigstore.cosign/bundle' in annotations))
    assert.ok('dev.sigstore.cosign/rfc3161timestamp' in annotations)
    assert.equal(requestsTo(sigstore, sigstore.rekorV2Url), 1)
    assert.ok((await verdictOf(sigstore, image, maker)).satisfied)
  })
})

test('what no service has witnessed is not written', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const image = await memoryImage()
  const maker = sigstoreMaker(sigstore, http, { rekor: 1, timestamp: true })
  sigstore.refuse.timestamp = 400
  await assert.rejects(
    sign(sigstore, image, { maker }),
    (error) => error instanceof PromotionError && error.kind === 'signing',
  )
  assert.deepEqual(image.repository.writes, [])
})
