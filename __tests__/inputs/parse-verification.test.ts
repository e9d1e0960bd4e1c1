import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseVerification } from '../../src/inputs/parse-verification.ts'
import type { Command, SigningSettings, VerificationSettings } from '../../src/inputs/settings.ts'
import { KEY_SIGNING } from '../builders/key-signing.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Values = Readonly<Record<string, string>>

interface Situation {
  readonly command?: Command
  readonly signing?: SigningSettings
}

const NOTHING_ELSE = {
  requireAnnotations: {},
  requireAttestations: [],
  transparency: 'none',
  timestamp: 'none',
  verifier: 'native',
}
const CI = {
  'certificate-identity': 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
  'certificate-oidc-issuer': 'https://token.actions.githubusercontent.com',
}
const EVERY_SIGNER: Values = {
  'public-key': 'cosign.pub',
  ...CI,
  'certificate-identity-regexp': '.*',
  'certificate-oidc-issuer-regexp': '.*',
  'certificate-github-workflow-trigger': 'push',
  'certificate-github-workflow-sha': '0123',
  'certificate-github-workflow-name': 'release',
  'certificate-github-workflow-repository': 'acme/app',
  'certificate-github-workflow-ref': 'refs/heads/main',
}
const EVERY_REQUIREMENT: Values = {
  'require-annotations': 'a=b',
  'require-attestations': 'spdxjson',
  timestamp: 'required',
}

function parse(
  inputs: Values,
  { command = 'promote', signing = { by: 'nobody' } }: Situation = {},
): VerificationSettings {
  const reader = new InputReader(new Map(Object.entries(inputs)))
  const verification = parseVerification(reader, command, signing, { PUB: 'pem' })
  reader.throwIfAny()
  return verification
}

async function refusal(inputs: Values, situation?: Situation): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(inputs, situation))
  return problems.map(({ message, hint }) => `${message}. ${hint}`)
}

/** Just the names of the inputs that are said to be useless, in their order. */
async function refusedInputs(why: RegExp, inputs: Values, situation?: Situation): Promise<readonly string[]> {
  const problems = await refusal(inputs, situation)
  return problems.map((problem) => {
    assert.match(problem, why)
    return /^`([a-z-]+)` is given, but /.exec(problem)?.[1] ?? problem
  })
}

describe('by a key', () => {
  test('requires signatures by the public key, with its annotations', () => {
    const expected = {
      ...NOTHING_ELSE,
      by: 'key',
      publicKey: { path: 'cosign.pub' },
      requireAnnotations: { env: 'prod' },
    }
    const inputs = { 'public-key': 'cosign.pub', 'require-annotations': 'env=prod' }
    assert.deepEqual(parse(inputs), expected)
    assert.deepEqual(parse(inputs, { signing: { ...KEY_SIGNING, transparency: 'rekor' } }), expected)
  })

  test('takes the URI of a KMS', () => {
    const { by, publicKey } = parse({ 'public-key': 'awskms:///alias/x' }) as Extract<
      VerificationSettings,
      { by: 'key' }
    >
    assert.deepEqual({ by, publicKey }, { by: 'key', publicKey: { uri: 'awskms:///alias/x' } })
  })

  test('reads what has to come with a signature', () => {
    const inputs = {
      'public-key': 'cosign.pub',
      'require-attestations': 'slsaprovenance1\nhttps://example.com/tested/v1',
      transparency: 'rekor',
      timestamp: 'required',
      verifier: 'cosign',
    }
    assert.deepEqual(parse(inputs), {
      by: 'key',
      publicKey: { path: 'cosign.pub' },
      requireAnnotations: {},
      requireAttestations: ['https://slsa.dev/provenance/v1', 'https://example.com/tested/v1'],
      transparency: 'rekor',
      timestamp: 'required',
      verifier: 'cosign',
    })
  })

  test('refuses every field of a certificate beside it', async () => {
    const { 'public-key': _, ...certificate } = EVERY_SIGNER
    const why = /`public-key` says who must have signed\. Name both signers in a `policy`, or leave/
    const refused = await refusedInputs(why, EVERY_SIGNER)
    assert.deepEqual(refused.toSorted(), Object.keys(certificate).sort())
  })

  test('reports a bad key, a bad annotation and a bad predicate type together', async () => {
    const inputs = { 'public-key': 'https://x', 'require-annotations': '=b', 'require-attestations': 'slsa' }
    assert.equal((await refusal(inputs)).length, 3)
  })

  test('refuses an attestation that is demanded twice, under whatever name', async () => {
    const inputs = {
      'public-key': 'cosign.pub',
      'require-attestations': 'spdx\nspdxjson\nhttps://spdx.dev/Document',
    }
    assert.deepEqual(await refusal(inputs), [
      '"spdxjson", which is https://spdx.dev/Document, is twice in `require-attestations`. Keep one of the two lines.',
      '"https://spdx.dev/Document" is twice in `require-attestations`. Keep one of the two lines.',
    ])
  })
})

describe('by a certificate', () => {
  test('requires identity and issuer in full, and the log', () => {
    const verification = parse(CI)
    assert.ok(verification.by === 'certificate')
    const { identity, issuer, ...others } = verification
    assert.deepEqual([identity.kind, identity.text], ['exact', CI['certificate-identity']])
    assert.deepEqual([issuer.kind, issuer.text], ['exact', CI['certificate-oidc-issuer']])
    assert.deepEqual(others, { ...NOTHING_ELSE, by: 'certificate', transparency: 'rekor', workflow: {} })
  })

  test('takes expressions, claims of the workflow, and a log that is not asked for', () => {
    const verification = parse({
      'certificate-identity-regexp': 'https://github.com/acme/.*',
      'certificate-oidc-issuer-regexp': 'https://.*',
      'certificate-github-workflow-repository': 'acme/app',
      'certificate-github-workflow-ref': 'refs/heads/main',
      transparency: 'none',
    })
    assert.ok(verification.by === 'certificate')
    assert.ok(verification.identity.matches('https://github.com/acme/app'))
    assert.ok(!verification.identity.matches('not https://github.com/acme/app'))
    assert.equal(verification.issuer.kind, 'expression')
    assert.deepEqual(verification.workflow, { repository: 'acme/app', ref: 'refs/heads/main' })
    assert.equal(verification.transparency, 'none')
  })

  test('refuses half of it, whichever half it is', async () => {
    const issuerMissing =
      'is given without `certificate-oidc-issuer`. Set `certificate-oidc-issuer` too: such as https://token.actions.githubusercontent.com.'
    const identityMissing =
      'is given without `certificate-identity`. Set `certificate-identity` too: the URL of the workflow with its ref, or an e-mail address.'
    assert.deepEqual(await refusal({ 'certificate-identity-regexp': '.*' }), [
      `\`certificate-identity-regexp\` ${issuerMissing}`,
    ])
    assert.deepEqual(await refusal({ 'certificate-oidc-issuer': 'https://x' }), [
      `\`certificate-oidc-issuer\` ${identityMissing}`,
    ])
    assert.deepEqual(await refusal({ 'certificate-github-workflow-ref': 'refs/heads/main' }), [
      `\`certificate-github-workflow-ref\` ${identityMissing}`,
      `\`certificate-github-workflow-ref\` ${issuerMissing}`,
    ])
  })

  test('refuses a text beside its expression, and an expression that does not compile', async () => {
    const problems = await refusal({
      ...CI,
      'certificate-identity-regexp': '.*',
      'certificate-oidc-issuer-regexp': '(?=x)',
    })
    assert.equal(problems.length, 3)
    assert.match(
      problems[0] ?? '',
      /^`certificate-identity` and `certificate-identity-regexp` are both given\./,
    )
    assert.match(
      problems[1] ?? '',
      /^`certificate-oidc-issuer` and `certificate-oidc-issuer-regexp` are both/,
    )
    assert.match(
      problems[2] ?? '',
      /^`certificate-oidc-issuer-regexp` is no expression that RE2 reads: .*\(\?=/,
    )
  })
})

describe('by the run itself', () => {
  test('takes its signer for the policy when nothing else is said, with the evidence that it makes', () => {
    const inputs = { 'require-annotations': 'a=b' }
    const expected = { ...NOTHING_ELSE, by: 'signer', requireAnnotations: { a: 'b' } }
    assert.deepEqual(parse(inputs, { signing: KEY_SIGNING }), expected)
    const logged: SigningSettings = { ...KEY_SIGNING, transparency: 'rekor' }
    assert.deepEqual(parse(inputs, { signing: logged }), { ...expected, transparency: 'rekor' })
    assert.deepEqual(parse({}, { command: 'sign', signing: KEY_SIGNING }), { ...NOTHING_ELSE, by: 'signer' })
  })

  test('a run that signs promotions only is not its own policy', async () => {
    const signing: SigningSettings = { ...KEY_SIGNING, signs: { images: false, promotions: true } }
    const [problem] = await refusal({}, { signing })
    assert.match(problem ?? '', /^Nothing says who must have signed the images\./)
  })
})

describe('by a policy file', () => {
  test('takes its path, and who reads it', () => {
    assert.deepEqual(parse({ policy: 'policy.yml' }), {
      by: 'policy',
      path: 'policy.yml',
      verifier: 'native',
    })
    assert.deepEqual(parse({ policy: 'p.yml', verifier: 'cosign' }, { signing: KEY_SIGNING }), {
      by: 'policy',
      path: 'p.yml',
      verifier: 'cosign',
    })
  })

  test('refuses everything else that says what is required', async () => {
    const inputs = { ...EVERY_SIGNER, ...EVERY_REQUIREMENT, policy: 'p.yml', transparency: 'rekor' }
    const why = /`policy` says what is required\. Write it into the policy, or leave/
    const { policy: _, ...idle } = inputs
    assert.deepEqual((await refusedInputs(why, inputs)).toSorted(), Object.keys(idle).sort())
  })

  test('leaves the log to the signatures that the run makes', () => {
    const signing: SigningSettings = { ...KEY_SIGNING, transparency: 'rekor' }
    assert.equal(parse({ policy: 'p.yml', transparency: 'rekor' }, { signing }).by, 'policy')
  })
})

describe('by nobody', () => {
  test('verifies nothing only when that is said', async () => {
    assert.deepEqual(parse({ verify: 'none' }), { by: 'nobody' })
    assert.deepEqual(parse({ verify: 'none', transparency: 'rekor' }, { signing: KEY_SIGNING }), {
      by: 'nobody',
    })
    assert.deepEqual(await refusal({}), [
      'Nothing says who must have signed the images. Set `public-key`, or `certificate-identity` and `certificate-oidc-issuer`, or `policy`; or set `verify` to "none" to promote them unchecked.',
    ])
  })

  test('refuses any policy beside it', async () => {
    const idle = {
      ...EVERY_SIGNER,
      ...EVERY_REQUIREMENT,
      policy: 'p.yml',
      verifier: 'cosign',
      transparency: 'rekor',
    }
    const why = /`verify` is "none"\. Set `verify` to "required", or leave/
    assert.deepEqual(
      (await refusedInputs(why, { ...idle, verify: 'none' })).toSorted(),
      Object.keys(idle).sort(),
    )
  })

  test('leaves nothing to attest to', async () => {
    const signing: SigningSettings = { ...KEY_SIGNING, signs: { images: true, promotions: true } }
    assert.deepEqual(await refusal({ verify: 'none' }, { signing }), [
      '`attest-promotion` is given, but `verify` is "none": nothing is verified that could be attested to. Say who must have signed, or leave `attest-promotion` out.',
    ])
  })

  test('leaves the command verify with nothing to check', async () => {
    assert.deepEqual(await refusal({ verify: 'none' }, { command: 'verify' }), [
      'The command verify has nothing to check when `verify` is "none". Leave `verify` out.',
    ])
    assert.deepEqual(await refusal({}, { command: 'verify' }), [
      'Nothing says who must have signed the images. Set `public-key`, or `certificate-identity` and `certificate-oidc-issuer`, or `policy`.',
    ])
  })
})
