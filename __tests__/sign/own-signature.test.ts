import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, test } from 'node:test'
import { keySigner, signedBy } from '../../src/policy/make-demand.ts'
import type { Demand, SignedDemand } from '../../src/policy/policy.ts'
import { exactly, expression } from '../../src/policy/text-match.ts'
import type { CertificateSigner, TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { satisfiesByItself } from '../../src/sign/own-signature.ts'
import { buildKeys } from '../builders/build-keys.ts'

const [ours, theirs] = [buildKeys(), buildKeys()]
const own = keySigner(ours.publicKey)
// Read anew from PEM, as a policy's key is: another object, and the same key.
const trusted = keySigner(createPublicKey(ours.publicPem))
const stranger = keySigner(theirs.publicKey)

const workflow = { repository: 'acme/app', ref: 'refs/heads/main' }
const certified: CertificateSigner = {
  by: 'certificate',
  name: undefined,
  identity: exactly('https://ci.example/release'),
  issuer: exactly('https://ci.example'),
  workflow,
  transparency: 'rekor',
  timestamp: 'none',
}

function choice(of: 'any' | 'all', ...signers: readonly TrustedSigner[]): SignedDemand {
  return { ...signedBy(trusted), signature: { of, signers } }
}

describe('a signature yet to be made', () => {
  const cases: readonly [string, TrustedSigner, Demand, boolean][] = [
    ['satisfies a policy of its own key', own, signedBy(trusted), true],
    ['satisfies one that requires what it states', own, signedBy(trusted, { b: '2' }), true],
    ['does not satisfy one that lets others sign as well', own, choice('any', stranger, trusted), false],
    ['does not satisfy one that wants others to sign too', own, choice('all', stranger, trusted), false],
    ['does not satisfy a policy of another key', own, signedBy(stranger), false],
    ['does not satisfy one that requires more', own, signedBy(trusted, { a: '1', c: '3' }), false],
    ['does not satisfy one that requires another value', own, signedBy(trusted, { a: '2' }), false],
    [
      'does not satisfy one that requires a log entry',
      own,
      signedBy({ ...trusted, transparency: 'rekor' }),
      false,
    ],
    [
      'does not satisfy one that requires a timestamp',
      own,
      signedBy({ ...trusted, timestamp: 'required' }),
      false,
    ],
    [
      'does not satisfy one that requires an attestation',
      own,
      {
        ...signedBy(trusted),
        attestations: [
          {
            predicateType: 'https://x.example',
            by: choice('any', trusted).signature ?? { of: 'any', signers: [] },
          },
        ],
      },
      false,
    ],
    ['of a certificate satisfies a policy of its identity', certified, signedBy({ ...certified }), true],
    [
      'of a certificate does not satisfy one that matches it by an expression',
      certified,
      signedBy({ ...certified, identity: expression('https://ci[.]example/.*', 'here'), workflow: {} }),
      false,
    ],
    [
      'of a certificate does not satisfy one of another issuer',
      certified,
      signedBy({ ...certified, issuer: exactly('https://x') }),
      false,
    ],
    [
      'of a certificate does not satisfy one of another workflow',
      certified,
      signedBy({ ...certified, workflow: { ref: 'refs/tags/v1' } }),
      false,
    ],
    ['of a certificate does not satisfy one of a key', certified, signedBy(trusted), false],
    ['of a key does not satisfy one of a certificate', own, signedBy(certified), false],
    ['will do where nobody has to sign', own, { by: 'nobody' }, true],
  ]
  for (const [what, signer, demand, satisfied] of cases) {
    test(what, () => {
      assert.equal(satisfiesByItself(signer, { a: '1', b: '2' }, demand), satisfied)
    })
  }

  test('matching an expression is enough where that is what was meant', () => {
    const matches = (pattern: string) =>
      signedBy({ ...certified, identity: expression(pattern, 'here'), workflow: {} })
    assert.ok(satisfiesByItself(certified, {}, matches('https://ci[.]example/.*'), 'matching'))
    assert.ok(!satisfiesByItself(certified, {}, matches('https://other[.]example/.*'), 'matching'))
    assert.ok(!satisfiesByItself(own, {}, signedBy(stranger), 'matching'))
  })
})
