import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyInWords } from '../../src/inputs/policy-in-words.ts'
import { clusterPolicies } from '../../src/report/cluster-policies.ts'

const PLACES = ['prod.example/app', 'eu.example/app']
const PATTERNS = ['prod.example/app:*', 'prod.example/app@*', 'eu.example/app:*', 'eu.example/app@*']
const KEY: PolicyInWords = { by: 'key', publicKey: 'PEM', requireAnnotations: {} }
const WORKFLOW: PolicyInWords = {
  by: 'certificate',
  identity: { text: 'https://ci.example/.*', kind: 'expression' },
  issuer: { text: 'https://issuer.example', kind: 'exact' },
  transparency: 'rekor',
  requireAnnotations: {},
}

/** The parts that differ, of a Kyverno policy and of one for the policy-controller. */
function parts(policy: PolicyInWords) {
  const { kyverno, policyController } = clusterPolicies(PLACES, policy) ?? {}
  const { spec } = kyverno as { spec: { rules: readonly { verifyImages: readonly object[] }[] } }
  return [spec.rules[0]?.verifyImages[0], (policyController as { spec: object }).spec]
}

const kyverno = (entry: object) => ({
  imageReferences: PATTERNS,
  failureAction: 'Enforce',
  attestors: [{ entries: [entry] }],
})
const controller = (authority: object) => ({
  images: PATTERNS.map((glob) => ({ glob })),
  authorities: [{ name: 'signer', ...authority }],
})

test('a key is asked for without the log, and with the annotations where there is a word for them', () => {
  const keys = { publicKeys: 'PEM', rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }
  assert.deepEqual(parts({ ...KEY, requireAnnotations: { stage: 'prod' } }), [
    kyverno({ keys, annotations: { stage: 'prod' } }),
    controller({ key: { data: 'PEM' }, ctlog: {} }),
  ])
})

test('a key is asked for with the log where that was demanded', () => {
  const log = { url: 'https://rekor.sigstore.dev' }
  assert.deepEqual(parts({ ...KEY, transparency: 'rekor' }), [
    kyverno({ keys: { publicKeys: 'PEM', rekor: log, ctlog: { ignoreSCT: true } } }),
    controller({ key: { data: 'PEM' }, ctlog: log }),
  ])
})

test('an identity is asked for as it was demanded, and an expression has its anchors', () => {
  const identity = { subjectRegExp: '^(?:https://ci.example/.*)$', issuer: 'https://issuer.example' }
  const log = { url: 'https://rekor.sigstore.dev' }
  assert.deepEqual(parts(WORKFLOW), [
    kyverno({ keyless: { ...identity, rekor: log } }),
    controller({ keyless: { url: 'https://fulcio.sigstore.dev', identities: [identity] }, ctlog: log }),
  ])
})

const { publicKey: _, ...unread } = KEY
const { transparency: __, ...unlogged } = WORKFLOW
for (const [what, policy] of [
  ['a trusted root of one’s own', { ...WORKFLOW, trustedRoot: 'trusted_root.json' }],
  ['a TUF mirror', { ...WORKFLOW, tuf: { mirror: 'https://tuf.example', root: 'root.json' } }],
  ['a timestamp', { ...KEY, timestamp: 'required' }],
  ['a certificate without the log', unlogged],
  ['a key that was not read', unread],
  ['nobody', { by: 'nobody', requireAnnotations: {} }],
] as const) {
  test(`nothing is said of ${what}`, () => assert.equal(clusterPolicies(PLACES, policy), undefined))
}
