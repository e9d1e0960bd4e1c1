import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { signedBy } from '../../src/policy/make-demand.ts'
import type { SignedDemand } from '../../src/policy/policy.ts'
import { NativeAttester } from '../../src/sign/native-attester.ts'
import { graphOf } from '../builders/graph-of.ts'
import { memoryImage } from '../builders/memory-image.ts'
import { sigstoreMaker } from '../builders/sigstore-maker.ts'
import { startSigstoreScene } from '../builders/sigstore-scene.ts'
import { sigstoreVerifier } from '../builders/sigstore-verifier.ts'

const CLAIM = { predicateType: 'https://example.com/tested/v1', predicate: { passed: true } }

test('hangs a statement on the image that proves its own type, and is no signature', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const { repository, digest, root } = await memoryImage()
  const attester = new NativeAttester(sigstoreMaker(sigstore, http, { rekor: 1 }))
  await attester.attest(root.descriptor, CLAIM, repository)

  const [referrer] = await repository.listReferrers(digest)
  assert.equal(referrer?.artifactType, MEDIA_TYPES.sigstoreBundle)
  assert.equal(referrer.annotations?.['dev.sigstore.bundle.predicateType'], CLAIM.predicateType)

  const by = { of: 'any', signers: [await attester.identity()] } as const
  const verdictOn = async (demand: SignedDemand) =>
    sigstoreVerifier(sigstore).verify(await graphOf(repository, digest), repository, demand)
  const demand = (predicateType: string): SignedDemand => ({
    by: 'signers',
    signature: undefined,
    requireAnnotations: {},
    attestations: [{ predicateType, by }],
  })
  assert.ok((await verdictOn(demand(CLAIM.predicateType))).satisfied)
  assert.ok(!(await verdictOn(demand('https://example.com/other/v1'))).satisfied)
  assert.ok(!(await verdictOn(signedBy(await attester.identity()))).satisfied)
})
