import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { discoverImages } from '../../src/graph/discover-images.ts'
import { parsePinnedReference } from '../../src/oci/reference.ts'
import { forEveryImage, keySigner, signedBy } from '../../src/policy/make-demand.ts'
import { requireSatisfied, unsatisfied, verifyImages } from '../../src/verify/verify-images.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact, putSample } from '../builders/memory-sample.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'

const place = 'dev.example/app'
const keys = buildKeys()
const sample = buildCompleteSample('verify', keys)
const plain = buildImage({ seed: 'unsigned' })
const policy = forEveryImage(signedBy(keySigner(keys.publicKey)))

async function scene() {
  const registries = new MemoryRegistries()
  putSample(sample, registries.at(place))
  putArtifact(plain, registries.at(place))
  const listed = [sample.image.digest, plain.digest].map((digest, index) =>
    listedImage(place, digest, index + 1),
  )
  const found = await discoverImages(listed, registries)
  return { found, services: { registries, verifier: offlineVerifier() } }
}

test('verdicts are in the order of the images, and one that is not satisfied is no error yet', async () => {
  const { found, services } = await scene()
  const verdicts = await verifyImages(found, policy, services)
  assert.deepEqual(
    verdicts.map(({ satisfied, signatures }) => [satisfied, signatures.length]),
    [
      [true, 2],
      [false, 0],
    ],
  )
})

test('a registry that fails is an error on the line of the image, not a verdict', async () => {
  const { found, services } = await scene()
  const repository = services.registries.at(place)
  repository.readBlob = () => Promise.reject(new PromotionError('registry', '500'))
  const problems = await problemsOf(() => verifyImages(found, policy, services))
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [['registry', 1]],
  )
})

test('each image that is not satisfied is an error on its line', async () => {
  const { found, services } = await scene()
  const verdicts = await verifyImages(found, policy, services)
  const problems = await problemsOf(() => requireSatisfied(found, verdicts))
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [['verification', 2]],
  )
})

test('an image without a verdict is refused: nothing was checked is not the same as all is well', async () => {
  const { found } = await scene()
  assert.equal((await problemsOf(() => requireSatisfied(found, []))).length, found.length)
})

describe('the error for an image', () => {
  const reference = parsePinnedReference(`${place}@${plain.digest}`)

  test('says that it has no signature', () => {
    const { message, hint } = unsatisfied(reference, { satisfied: false, signatures: [], lacking: [] })
    assert.equal(message, `${place}@${plain.digest} does not satisfy the policy: it has no signature`)
    assert.ok(hint)
  })

  test('speaks of the trusted root only where one was asked', () => {
    const hintFor = (asksRoot: boolean) =>
      unsatisfied(reference, { satisfied: false, signatures: [], lacking: [], asksRoot }).hint ?? ''
    assert.match(hintFor(true), /the wrong signer; .*`trusted-root`.*\.$/)
    assert.match(hintFor(false), /the wrong signer\.$/)
  })

  test('says of each signature why it does not count, each reason once', () => {
    const signature = {
      manifest: plain.digest,
      counts: false,
      annotations: {},
      predicateType: undefined,
      signers: [],
    }
    const signatures = [
      { ...signature, form: 'tag', reason: 'by a stranger' },
      { ...signature, form: 'bundle', reason: 'malformed' },
      { ...signature, form: 'tag', reason: 'by a stranger' },
    ] as const
    const { message } = unsatisfied(reference, { satisfied: false, signatures, lacking: [] })
    assert.match(message, /: \.sig: by a stranger \(2 of them\); Sigstore bundle: malformed$/)
  })

  test('says what is lacking first, and nothing of what counts', () => {
    const signature = { form: 'tag', manifest: plain.digest, annotations: {}, signers: [] } as const
    const signatures = [
      { ...signature, counts: true, reason: 'signed by the key', predicateType: undefined },
      {
        ...signature,
        counts: false,
        reason: 'by a stranger',
        predicateType: 'https://slsa.dev/provenance/v1',
      },
    ]
    const lacking = ['no signature by release', 'no attestation https://slsa.dev/provenance/v1 by ci']
    const { message } = unsatisfied(reference, { satisfied: false, signatures, lacking })
    assert.match(
      message,
      /policy: there is no signature by release, no attestation https:\/\/slsa\.dev\/provenance\/v1 by ci; \.att: by a stranger$/,
    )
  })
})
