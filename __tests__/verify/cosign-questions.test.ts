import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RE2JS } from 're2js'
import { keySigner } from '../../src/policy/make-demand.ts'
import { exactly, expression } from '../../src/policy/text-match.ts'
import type { CertificateSigner, Evidence } from '../../src/policy/trusted-signer.ts'
import { cosignQuestions } from '../../src/verify/cosign-questions.ts'
import { buildKeys } from '../builders/build-keys.ts'

const keys = buildKeys()
const LOG = '--offline=true'
const NO_LOG = '--insecure-ignore-tlog=true'
const TIMESTAMP = '--use-signed-timestamps=true'

function certified(change: Partial<CertificateSigner> = {}): CertificateSigner {
  return {
    by: 'certificate',
    name: undefined,
    identity: exactly('me@example.com'),
    issuer: exactly('https://issuer.example'),
    workflow: {},
    transparency: 'none',
    timestamp: 'none',
    ...change,
  }
}

const WANTED: readonly [Evidence, readonly (readonly string[])[], readonly (readonly string[])[]][] = [
  [{ transparency: 'none', timestamp: 'none' }, [[NO_LOG]], [[NO_LOG, TIMESTAMP], [LOG]]],
  [{ transparency: 'rekor', timestamp: 'none' }, [[LOG]], [[LOG], [LOG, TIMESTAMP]]],
  [{ transparency: 'none', timestamp: 'required' }, [[NO_LOG, TIMESTAMP]], [[NO_LOG, TIMESTAMP]]],
  [{ transparency: 'rekor', timestamp: 'required' }, [[LOG, TIMESTAMP]], [[LOG, TIMESTAMP]]],
]

for (const [evidence, ofKey, ofCertificate] of WANTED) {
  test(`asks for exactly the evidence of ${JSON.stringify(evidence)}, and for a time of every certificate`, () => {
    const key = cosignQuestions({ ...keySigner(keys.publicKey), ...evidence })
    assert.deepEqual(
      key.map(({ flags }) => flags),
      ofKey,
    )
    assert.deepEqual(key[0]?.files, { key: keys.publicPem })
    const [identity, issuer] = [
      '--certificate-identity=me@example.com',
      '--certificate-oidc-issuer=https://issuer.example',
    ]
    const certificate = cosignQuestions(certified(evidence))
    assert.deepEqual(
      certificate.map(({ flags }) => flags),
      ofCertificate.map((flags) => [identity, issuer, ...flags]),
    )
    for (const { flags, needsTimestamp, needsTrustedRoot, files } of certificate) {
      assert.equal(needsTimestamp, flags.includes(TIMESTAMP))
      assert.deepEqual([needsTrustedRoot, files], [true, {}])
    }
  })
}

test('a key without evidence needs no trusted root', () => {
  assert.equal(cosignQuestions(keySigner(keys.publicKey))[0]?.needsTrustedRoot, false)
})

test('an expression has to match the whole text', () => {
  for (const [pattern, whole, part] of [
    ['a|b', 'b', 'ab'],
    ['(?i)acme', 'ACME', 'acme-evil'],
    ['^acme$', 'acme', 'acme\nevil'],
  ] as const) {
    const [{ flags = [] } = {}] = cosignQuestions(certified({ identity: expression(pattern, 'a test') }))
    const flag = flags.find((one) => one.startsWith('--certificate-identity-regexp=')) ?? ''
    const asked = RE2JS.compile(flag.slice(flag.indexOf('=') + 1))
    assert.deepEqual([asked.matcher(whole).find(), asked.matcher(part).find()], [true, false], flag)
  }
})

test('claims of a workflow are flags, and an empty one cannot be asked for', () => {
  const workflow = { trigger: 'push', sha: 'abc', name: 'release', repository: 'acme/app', ref: 'main' }
  const [{ flags = [] } = {}] = cosignQuestions(certified({ workflow }))
  for (const [claim, value] of Object.entries(workflow)) {
    assert.ok(flags.includes(`--certificate-github-workflow-${claim}=${value}`))
  }
  assert.deepEqual(cosignQuestions(certified({ workflow: { sha: '' } })), [])
})
