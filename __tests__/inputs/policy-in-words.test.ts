import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import { type PolicyInWords, policyInWords } from '../../src/inputs/policy-in-words.ts'

type Values = Readonly<Record<string, string>>

function words(inputs: Values): PolicyInWords {
  const all = { images: 'r.example/app:v1', to: 'r.example/prod', ...inputs }
  return policyInWords(parseSettings(new Map(Object.entries(all)), { PUB: 'the key itself' }))
}

test('says that nobody must have signed', () => {
  assert.deepEqual(words({ verify: 'none' }), { by: 'nobody', requireAnnotations: {} })
})

test('leaves it to a list that may say it', () => {
  const compose = { images: '', compose: 'compose.yml' }
  assert.deepEqual(words(compose), { by: 'list', requireAnnotations: {} })
  assert.deepEqual(words({ ...compose, 'public-key': 'cosign.pub' }), { by: 'list', requireAnnotations: {} })
})

test('names a key by its place, and shows no more of it', () => {
  const inputs = { 'require-annotations': 'a=b' }
  for (const key of ['cosign.pub', 'env://PUB', 'awskms:///alias/x']) {
    assert.deepEqual(words({ ...inputs, 'public-key': key }), {
      by: 'key',
      key,
      requireAnnotations: { a: 'b' },
    })
  }
})

test('says whom a certificate must name, and what else is required', () => {
  const inputs = {
    'certificate-identity-regexp': 'https://github.com/acme/.*',
    'certificate-oidc-issuer': 'https://issuer.example',
    'certificate-github-workflow-ref': 'refs/heads/main',
    'require-attestations': 'spdx',
    timestamp: 'required',
  }
  const policy = words(inputs)
  assert.deepEqual(policy, {
    by: 'certificate',
    identity: { text: 'https://github.com/acme/.*', kind: 'expression' },
    issuer: { text: 'https://issuer.example', kind: 'exact' },
    workflow: { ref: 'refs/heads/main' },
    requireAnnotations: {},
    requireAttestations: ['https://spdx.dev/Document'],
    transparency: 'rekor',
    timestamp: 'required',
  })
  assert.deepEqual(JSON.parse(JSON.stringify(policy)), policy)
})

test('leaves out what a certificate may say of the workflow when that may be anything', () => {
  const policy = words({
    'certificate-identity': 'a@example.com',
    'certificate-oidc-issuer': 'https://i.example',
  })
  assert.equal('workflow' in policy, false)
})

test('a run that is its own signer has nobody to name', () => {
  assert.deepEqual(words({ sign: 'key', key: 'cosign.key' }), { by: 'key', requireAnnotations: {} })
  assert.deepEqual(words({ sign: 'keyless' }), { by: 'certificate', requireAnnotations: {} })
})

test('names the policy file', () => {
  assert.deepEqual(words({ policy: 'policy.yml' }), {
    by: 'policy',
    file: 'policy.yml',
    requireAnnotations: {},
  })
})

test('says by which roots certificates are judged, where they are not the public ones', () => {
  const who = { 'certificate-identity': 'a@example.com', 'certificate-oidc-issuer': 'https://i.example' }
  assert.equal(words({ ...who, 'trusted-root': 'root.json' }).trustedRoot, 'root.json')
  const tuf = { mirror: 'https://tuf.example', root: 'root.json' }
  assert.deepEqual(words({ ...who, 'tuf-mirror': tuf.mirror, 'tuf-root': tuf.root }).tuf, tuf)
  assert.ok(!('tuf' in words(who)) && !('trustedRoot' in words(who)))
})
