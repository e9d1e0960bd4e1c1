import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keySigner, signedBy } from '../../src/policy/make-demand.ts'
import type { SignedDemand } from '../../src/policy/policy.ts'
import { CosignVerifier } from '../../src/verify/cosign-verifier.ts'
import { NativeVerifier } from '../../src/verify/native-verifier.ts'
import { needsTrustedRoot } from '../../src/verify/needs-trusted-root.ts'
import type { SignatureVerifier } from '../../src/verify/verifier.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { graphOf } from '../builders/graph-of.ts'
import { memoryImage } from '../builders/memory-image.ts'

const key = keySigner(buildKeys().publicKey)
const ALONE = signedBy(key)
const LOGGED = signedBy({ ...key, transparency: 'rekor' })
const unasked = () => Promise.reject(new Error('there is nothing to judge'))

test('a key alone needs no trusted root; a log, a timestamp, and either of an attestation do', () => {
  const stamped = signedBy({ ...key, timestamp: 'required' })
  const by = { of: 'any', signers: [{ ...key, transparency: 'rekor' }] } as const
  const attested: SignedDemand = { ...ALONE, attestations: [{ predicateType: 'https://a.example', by }] }
  assert.deepEqual([ALONE, LOGGED, stamped, attested].map(needsTrustedRoot), [false, true, true, true])
})

const verifiers: Readonly<Record<string, SignatureVerifier>> = {
  native: new NativeVerifier({ trustedRoot: unasked }),
  cosign: new CosignVerifier({ run: unasked, trustedRoot: unasked }),
}
for (const [name, verifier] of Object.entries(verifiers)) {
  test(`a verdict of the ${name} verifier says whether a trusted root had a say in it`, async () => {
    const { repository, digest } = await memoryImage('bare')
    const graph = await graphOf(repository, digest)
    const asked = async (demand: SignedDemand) => (await verifier.verify(graph, repository, demand)).asksRoot
    assert.deepEqual([await asked(ALONE), await asked(LOGGED)], [undefined, true])
  })
}
