import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyProblems, readPolicyText, TWO_SIGNERS } from '../builders/policy-text.ts'

const BOTH = 'rules:\n  - repository: r.example/**\n    signed-by: { any: [release, ci] }\n'

describe('a policy is read:', () => {
  test('rules in their order, under the name of the file', async () => {
    const text = `${TWO_SIGNERS}rules:
  - { repository: r.example/a, signed-by: release }
  - { repository: r.example/b, signed-by: ci }
  - { repository: docker.io/library/*, signed-by: nobody }
`
    const policy = await readPolicyText(text)
    assert.equal(policy.file, 'policy.yml')
    assert.deepEqual(
      policy.rules.map(({ repository, demand }) => [repository, demand.by]),
      [
        ['r.example/a', 'signers'],
        ['r.example/b', 'signers'],
        ['docker.io/library/*', 'nobody'],
      ],
    )
  })

  test('a policy for nobody needs no signers', async () => {
    const { rules } = await readPolicyText('version: 1\nrules: [{ repository: "**", signed-by: nobody }]\n')
    assert.deepEqual(rules, [{ repository: '**', demand: { by: 'nobody' } }])
  })
})

describe('a file is refused', () => {
  const cases: readonly [string, string, readonly string[]][] = [
    ['that is empty', '# nothing\n', ['1: The file is empty']],
    ['that is a list', '- a\n', ['1: A policy must be a mapping, not a list']],
    [
      'that is a lock',
      'apiVersion: v0\nkind: ImagesLock\nimages: []\n',
      ['undefined: policy.yml is an ImagesLock, not a policy file'],
    ],
    ['of another version', `version: 2\nrule: x\n`, ['1: "version" must be the number 1']],
    ['whose version is text', `version: "1"\n${BOTH}`, ['1: "version" must be the number 1']],
    ['without rules', 'version: 1\n', ['1: The key "rules" is missing in a policy']],
    ['whose rules are empty', 'version: 1\nrules: []\n', ['2: "rules" is empty']],
    ['whose rules are a mapping', 'version: 1\nrules: {}\n', ['2: "rules" must be a list, not a mapping']],
    [
      'with a key that is not known, and says all else that is wrong too',
      `${TWO_SIGNERS}defaults: {}\nrules:\n  - { repository: r.example, signed-by: who, sign-by: ci }\n`,
      [
        '7: The key "defaults" is not known in a policy',
        '9: The key "sign-by" is not known in a rule',
        '9: "r.example" is no pattern for repositories: it names no path in a registry',
        '9: There is no signer "who"',
      ],
    ],
    [
      'with a signer that no rule names',
      `${TWO_SIGNERS}rules: [{ repository: "**", signed-by: ci }]\n`,
      ['3: No rule names the signer "release"'],
    ],
    [
      'with two signers that are one key',
      'version: 1\nsigners:\n  a: { public-key: x }\n  b: { public-key: x, transparency: rekor }\nrules: [{ repository: "**", signed-by: { all: [a, b] } }]\n',
      ['4: The signers "a" and "b" are the same'],
    ],
    [
      'with two signers that are one identity',
      'version: 1\nsigners:\n  a: &a { certificate-identity: x, certificate-oidc-issuer: y }\nrules: []\n',
      ['3: An anchor (&name) is not allowed'],
    ],
    [
      'with two signers that are the same identity',
      'version: 1\nsigners:\n  a: { certificate-identity: x, certificate-oidc-issuer: y }\n  b: { certificate-identity: x, certificate-oidc-issuer: y, timestamp: required }\nrules: [{ repository: "**", signed-by: { all: [a, b] } }]\n',
      ['4: The signers "a" and "b" are the same'],
    ],
    [
      'with a pattern that stands there twice',
      `${TWO_SIGNERS}rules:\n  - { repository: r.example/a, signed-by: ci }\n  - { repository: r.example/a, signed-by: release }\n`,
      ['9: The rule for "r.example/a" is never reached: the one on line 8 has the same pattern'],
    ],
    [
      'with a rule behind one for everything',
      `${TWO_SIGNERS}rules:\n  - { repository: "**", signed-by: ci }\n  - { repository: r.example/a, signed-by: release }\n`,
      ['9: The rule for "r.example/a" is never reached: the one on line 8 is for "**"'],
    ],
    [
      'with too many signers',
      `version: 1\nsigners:\n${Array.from({ length: 101 }, (_, index) => `  s${index}: { public-key: k }\n`).join('')}rules: [{ repository: "**", signed-by: nobody }]\n`,
      ['3: The file names 101 signers, and 100 is the limit'],
    ],
    [
      'with too many rules',
      `version: 1\nrules:\n${Array.from({ length: 501 }, (_, index) => `  - { repository: r.example/a${index}, signed-by: nobody }\n`).join('')}`,
      ['3: The file has 501 rules, and 500 is the limit'],
    ],
  ]
  for (const [name, text, expected] of cases) {
    test(name, async () => {
      assert.deepEqual(await policyProblems(text), expected)
    })
  }
})
