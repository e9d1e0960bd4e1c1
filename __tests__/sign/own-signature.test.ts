import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import type { Annotations } from '../../src/oci/descriptor.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import { satisfiesByItself } from '../../src/sign/own-signature.ts'
import { NativeVerifier } from '../../src/verify/native-verifier.ts'
import { buildKeys } from '../builders/build-keys.ts'

const [ours, theirs] = [buildKeys(), buildKeys()]

function signer(annotations: Annotations = {}): NativeSigner {
  return new NativeSigner({
    key: ours.privateKey,
    annotations,
    format: 'both',
    verifier: new NativeVerifier(),
  })
}

for (const [what, annotations, policy, satisfied] of [
  ['satisfies a policy of its own key', {}, { keys: ours, required: {} }, true],
  [
    'satisfies one that requires what it states',
    { a: '1', b: '2' },
    { keys: ours, required: { b: '2' } },
    true,
  ],
  ['does not satisfy a policy of another key', {}, { keys: theirs, required: {} }, false],
  [
    'does not satisfy one that requires more',
    { a: '1' },
    { keys: ours, required: { a: '1', b: '2' } },
    false,
  ],
  [
    'does not satisfy one that requires another value',
    { a: '1' },
    { keys: ours, required: { a: '2' } },
    false,
  ],
] as const) {
  test(`a signature yet to be made ${what}`, () => {
    // Read anew from PEM, as the policy's key is: another object, and the same key.
    const publicKey = createPublicKey(policy.keys.publicPem)
    const keyPolicy = { by: 'key', publicKey, requireAnnotations: policy.required } as const
    assert.equal(satisfiesByItself(signer(annotations), keyPolicy), satisfied)
  })
}

test('where nobody has to sign any signature will do', () => {
  assert.ok(satisfiesByItself(signer(), { by: 'nobody' }))
})
