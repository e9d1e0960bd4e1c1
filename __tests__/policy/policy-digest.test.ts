import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEveryImage, keySigner, signedBy } from '../../src/policy/make-demand.ts'
import type { Demand } from '../../src/policy/policy.ts'
import { policyDigest } from '../../src/policy/policy-digest.ts'
import { keyAt } from '../builders/policy-text.ts'

const OPEN: Demand = { by: 'nobody' }
const SIGNED = signedBy(keySigner(await keyAt('a')))

function digestOf(...listed: readonly (readonly [string, Demand])[]) {
  return policyDigest({ ...forEveryImage(SIGNED), listed: new Map(listed) })
}

test('what lists demand counts, in whatever order it was read', () => {
  const [one, other] = [
    ['r.example/a@sha256:1', OPEN],
    ['r.example/b@sha256:2', SIGNED],
  ] as const
  assert.equal(digestOf(one, other), digestOf(other, one))
  assert.notEqual(digestOf(one, other), digestOf(one))
  assert.notEqual(digestOf(one), digestOf(['r.example/a@sha256:1', SIGNED]))
  assert.equal(digestOf(), policyDigest(forEveryImage(SIGNED)))
})
