import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatPromotionClaim, isSameClaim, type PromotionFacts } from '../../src/attest/promotion-claim.ts'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import { parsePinnedReference } from '../../src/oci/reference.ts'

const digest = digestOf('image')
const signature = digestOf('signature')
const policy = { name: 'policy.yml', digest: digestOf('policy') }
const facts: PromotionFacts = {
  verifier: 'https://ci.example/release',
  version: '1.2.3',
  policy,
  plan: digestOf('plan'),
  run: 'https://git.example/acme/app/actions/runs/7',
  verifiedAt: new Date('2026-01-02T03:04:05.678Z'),
}
const image = {
  source: parsePinnedReference(`dev.example/app@${digest}`),
  target: parsePinnedReference(`prod.example/app@${digest}`),
  evidence: [signature],
}

test('a promotion is a verification summary of SLSA, with where from, by which plan and in which run', () => {
  const { predicateType, predicate } = formatPromotionClaim(image, facts)
  assert.equal(predicateType, 'https://slsa.dev/verification_summary/v1')
  assert.deepEqual(predicate, {
    verifier: { id: 'https://ci.example/release', version: { 'signed-promote': '1.2.3' } },
    timeVerified: '2026-01-02T03:04:05Z',
    resourceUri: `oci://prod.example/app@${digest}`,
    policy: { name: 'policy.yml', digest: { sha256: hexOf(policy.digest) } },
    inputAttestations: [{ uri: `oci://dev.example/app@${signature}`, digest: { sha256: hexOf(signature) } }],
    verificationResult: 'PASSED',
    verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED'],
    slsaVersion: '1.1',
    signedPromote_source: `oci://dev.example/app@${digest}`,
    signedPromote_plan: facts.plan,
    signedPromote_run: 'https://git.example/acme/app/actions/runs/7',
  })
})

test('outside a workflow there is no run to name', () => {
  const { predicate } = formatPromotionClaim(image, { ...facts, run: undefined })
  assert.ok(!('signedPromote_run' in predicate))
})

describe('a claim is the same', () => {
  const { predicate } = formatPromotionClaim(image, facts)
  const cases: readonly [string, Partial<PromotionFacts>, boolean][] = [
    ['when it was made later', { verifiedAt: new Date(0) }, true],
    ['when another run made it', { run: 'https://git.example/acme/app/actions/runs/8' }, true],
    ['when another version of the program made it', { version: '2.0.0' }, true],
    ['but not for another policy', { policy: { ...policy, digest: digestOf('other') } }, false],
    ['but not for another plan', { plan: digestOf('other') }, false],
    ['but not by another verifier', { verifier: 'https://ci.example/other' }, false],
  ]
  for (const [what, change, same] of cases) {
    test(what, () => {
      const other = formatPromotionClaim(image, { ...facts, ...change }).predicate
      assert.equal(isSameClaim(predicate, other), same)
    })
  }

  test('but not from another source', () => {
    const source = parsePinnedReference(`test.example/app@${digest}`)
    assert.ok(!isSameClaim(predicate, formatPromotionClaim({ ...image, source }, facts).predicate))
  })

  test('but not with another verifier of no form', () => {
    assert.ok(!isSameClaim(predicate, { ...predicate, verifier: 'x' }))
  })
})
