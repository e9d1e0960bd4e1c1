import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { keyAt, policyProblems, readPolicyText } from '../builders/policy-text.ts'

/** A file with this signer, `one`, on line 3. */
function signerText(signer: string): string {
  return `version: 1\nsigners:\n  one: ${signer}\nrules: [{ repository: "**", signed-by: one }]\n`
}

async function signerOf(signer: string): Promise<TrustedSigner> {
  const { rules } = await readPolicyText(signerText(signer))
  const demand = rules[0]?.demand
  assert.ok(demand?.by === 'signers')
  return demand.signature?.signers[0] ?? assert.fail('the signer is lost')
}

describe('a signer is read:', () => {
  test('a key, with the evidence that it needs', async () => {
    const publicKey = await keyAt('keys/a.pub')
    assert.deepEqual(await signerOf('{ public-key: keys/a.pub }'), {
      by: 'key',
      name: 'one',
      publicKey,
      transparency: 'none',
      timestamp: 'none',
    })
    const { transparency, timestamp } = await signerOf(
      '{ public-key: keys/a.pub, transparency: rekor, timestamp: required }',
    )
    assert.deepEqual([transparency, timestamp], ['rekor', 'required'])
  })

  test('a certificate, in full and by expressions', async () => {
    const exact = await signerOf(
      '{ certificate-identity: a@b.example, certificate-oidc-issuer: https://i.example }',
    )
    assert.ok(exact.by === 'certificate')
    const { identity, issuer, ...others } = exact
    assert.deepEqual([identity.kind, identity.text, issuer.kind], ['exact', 'a@b.example', 'exact'])
    assert.deepEqual(others, {
      by: 'certificate',
      name: 'one',
      workflow: {},
      transparency: 'rekor',
      timestamp: 'none',
    })
    const pattern = await signerOf(`
    certificate-identity-regexp: .*@b\\.example
    certificate-oidc-issuer-regexp: https://.*
    certificate-github-workflow-trigger: push
    certificate-github-workflow-sha: "0123"
    certificate-github-workflow-name: Release
    certificate-github-workflow-repository: acme/app
    certificate-github-workflow-ref: refs/heads/main
    transparency: none`)
    assert.ok(pattern.by === 'certificate')
    assert.ok(pattern.identity.matches('a@b.example') && !pattern.identity.matches('a@b.example.com'))
    assert.deepEqual(pattern.workflow, {
      trigger: 'push',
      sha: '0123',
      name: 'Release',
      repository: 'acme/app',
      ref: 'refs/heads/main',
    })
    assert.equal(pattern.transparency, 'none')
  })
})

describe('a signer is refused', () => {
  const certificate = 'certificate-identity: x, certificate-oidc-issuer: y'
  const cases: readonly [string, string, readonly string[]][] = [
    ['that is text', 'one.pub', ['3: The signer "one" must be a mapping, not text']],
    ['that says nothing', '{}', ['3: Nothing says who the signer "one" is']],
    ['that says only what it needs', '{ transparency: rekor }', ['3: Nothing says who the signer "one" is']],
    [
      'with a key that is not known',
      '{ key: a }',
      ['3: The key "key" is not known in the signer "one"', '3: Nothing says who the signer "one" is'],
    ],
    ['whose key is a number', '{ public-key: 1 }', ['3: `public-key` must be text, not the number 1']],
    ['whose key is empty', '{ public-key: " " }', ['3: `public-key` is empty']],
    ['whose key cannot be read', '{ public-key: missing.pub }', ['3: The key missing.pub cannot be read']],
    [
      'that is a key and a certificate',
      `{ public-key: a, ${certificate} }`,
      [
        '3: `certificate-identity` is given beside `public-key` in the signer "one"',
        '3: `certificate-oidc-issuer` is given beside `public-key` in the signer "one"',
      ],
    ],
    [
      'without an issuer',
      '{ certificate-identity: x }',
      ['3: `certificate-identity` is given without `certificate-oidc-issuer`'],
    ],
    [
      'without an identity',
      '{ certificate-oidc-issuer-regexp: x }',
      ['3: `certificate-oidc-issuer-regexp` is given without `certificate-identity`'],
    ],
    [
      'with a text and its expression',
      `{ ${certificate}, certificate-identity-regexp: x }`,
      ['3: `certificate-identity` and `certificate-identity-regexp` are both given'],
    ],
    [
      'with an unknown word for the log',
      '{ public-key: a, transparency: yes }',
      ['3: `transparency` cannot be "yes"'],
    ],
    [
      'with an unknown word for the time',
      '{ public-key: a, timestamp: rekor }',
      ['3: `timestamp` cannot be "rekor"'],
    ],
  ]
  for (const [name, signer, expected] of cases) {
    test(name, async () => {
      assert.deepEqual(await policyProblems(signerText(signer)), expected)
    })
  }

  test('with an expression that does not compile, on its line', async () => {
    const text = signerText('\n    certificate-oidc-issuer: y\n    certificate-identity-regexp: (\n   ')
    const [problem, ...others] = await policyProblems(text)
    assert.equal(others.length, 0)
    assert.match(problem ?? '', /^5: `certificate-identity-regexp` is no expression that RE2 reads: /)
  })

  for (const name of ['nobody', '""', 'a b', '-a', 'a'.repeat(65), '"{any}"']) {
    test(`with the name ${name}`, async () => {
      const text = `version: 1\nsigners:\n  ${name}: { public-key: k }\nrules: [{ repository: "**", signed-by: { any: [${name}] } }]\n`
      const quoted = name.startsWith('"') ? name : JSON.stringify(name)
      assert.deepEqual(await policyProblems(text), [`3: ${quoted} cannot be the name of a signer`])
    })
  }
})
