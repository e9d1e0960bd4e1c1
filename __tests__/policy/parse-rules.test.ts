import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SignedDemand } from '../../src/policy/policy.ts'
import { policyProblems, readPolicyText, TWO_SIGNERS } from '../builders/policy-text.ts'

/** A file with the two signers and this rule, which begins on line 8; the last rule names whoever it does not. */
function ruleText(rule: string): string {
  return `${TWO_SIGNERS}rules:\n  - ${rule}\n  - { repository: "**", signed-by: { any: [release, ci] } }\n`
}

async function signedDemandOf(rule: string): Promise<SignedDemand> {
  const { rules } = await readPolicyText(ruleText(rule))
  const demand = rules[0]?.demand
  assert.ok(demand?.by === 'signers')
  return demand
}

function namesIn(demand: SignedDemand): readonly unknown[] {
  return [demand.signature?.of, ...(demand.signature?.signers ?? []).map(({ name }) => name)]
}

describe('a rule is read:', () => {
  test('one signer, any of several, all of several', async () => {
    const repository = 'repository: r.example/a'
    assert.deepEqual(namesIn(await signedDemandOf(`{ ${repository}, signed-by: ci }`)), ['any', 'ci'])
    assert.deepEqual(namesIn(await signedDemandOf(`{ ${repository}, signed-by: { any: [ci, release] } }`)), [
      'any',
      'ci',
      'release',
    ])
    assert.deepEqual(namesIn(await signedDemandOf(`{ ${repository}, signed-by: { all: [release, ci] } }`)), [
      'all',
      'release',
      'ci',
    ])
  })

  test('annotations, byte for byte', async () => {
    const demand = await signedDemandOf(
      '{ repository: r.example/a, signed-by: ci, annotations: { a: "True", b c: " " } }',
    )
    assert.deepEqual(demand.requireAnnotations, { a: 'True', 'b c': ' ' })
    assert.deepEqual(
      (await signedDemandOf('{ repository: r.example/a, signed-by: ci }')).requireAnnotations,
      {},
    )
  })

  test('attestations by the signers of the rule, and by their own', async () => {
    const own = '{ predicate-type: https://slsa.dev/verification_summary/v1, signed-by: { all: [ci] } }'
    const demand = await signedDemandOf(
      `{ repository: r.example/a, signed-by: release, attestations: [slsaprovenance1, ${own}, { predicate-type: spdx }] }`,
    )
    assert.deepEqual(
      demand.attestations.map(({ predicateType, by }) => [
        predicateType,
        by.of,
        by.signers.map(({ name }) => name),
      ]),
      [
        ['https://slsa.dev/provenance/v1', 'any', ['release']],
        ['https://slsa.dev/verification_summary/v1', 'all', ['ci']],
        ['https://spdx.dev/Document', 'any', ['release']],
      ],
    )
  })

  test('attestations alone, where nobody has to have signed the image itself', async () => {
    const demand = await signedDemandOf(
      '{ repository: r.example/a, attestations: [{ predicate-type: spdx, signed-by: ci }] }',
    )
    assert.equal(demand.signature, undefined)
    assert.equal(demand.attestations.length, 1)
  })
})

describe('a rule is refused', () => {
  const at = 'repository: r.example/a'
  const cases: readonly [string, string, readonly string[]][] = [
    ['that is text', 'r.example/a', ['8: A rule must be a mapping, not text']],
    ['without a repository', '{ signed-by: ci }', ['8: The key "repository" is missing in a rule']],
    ['that demands nothing', `{ ${at} }`, ['8: The rule demands nothing']],
    [
      'with a tag in its pattern',
      '{ repository: r.example/a:v1, signed-by: ci }',
      ['8: "r.example/a:v1" is no pattern for repositories: it holds a tag or a digest'],
    ],
    ['for an unknown signer', `{ ${at}, signed-by: cj }`, ['8: There is no signer "cj"']],
    ['for a list of signers', `{ ${at}, signed-by: [ci] }`, ['8: `signed-by` must be text, not a list']],
    ['for neither any nor all', `{ ${at}, signed-by: {} }`, ['8: `signed-by` needs either `any` or `all`']],
    [
      'for any and all',
      `{ ${at}, signed-by: { any: [ci], all: [ci] } }`,
      ['8: `signed-by` needs either `any` or `all`'],
    ],
    ['for none of none', `{ ${at}, signed-by: { all: [] } }`, ['8: `all` is empty']],
    ['for a signer twice', `{ ${at}, signed-by: { all: [ci, ci] } }`, ['8: "ci" is named twice']],
    [
      'for somebody or nobody',
      `{ ${at}, signed-by: { any: [ci, nobody] } }`,
      ['8: There is no signer "nobody"'],
    ],
    [
      'for nobody with annotations',
      `{ ${at}, signed-by: nobody, annotations: { a: b } }`,
      ['8: `annotations` are given, but `signed-by` is "nobody"'],
    ],
    [
      'for nobody with attestations',
      `{ ${at}, signed-by: nobody, attestations: [spdx] }`,
      ['8: `attestations` are given, but `signed-by` is "nobody"'],
    ],
    ['with empty annotations', `{ ${at}, signed-by: ci, annotations: {} }`, ['8: "annotations" is empty']],
    [
      'with an annotation that is no text',
      `{ ${at}, signed-by: ci, annotations: { a: true } }`,
      ['8: The annotation "a" must be text, not the boolean true'],
    ],
    ['with empty attestations', `{ ${at}, signed-by: ci, attestations: [] }`, ['8: "attestations" is empty']],
    [
      'with annotations that no signature states',
      `{ ${at}, annotations: { a: b }, attestations: [{ predicate-type: spdx, signed-by: ci }] }`,
      ['8: `annotations` are given without `signed-by`'],
    ],
    [
      'with an attestation by whomever',
      `{ ${at}, attestations: [spdx] }`,
      ['8: Nothing says who must have signed the attestation'],
    ],
    [
      'with an attestation by nobody',
      `{ ${at}, signed-by: ci, attestations: [{ predicate-type: spdx, signed-by: nobody }] }`,
      ['8: An attestation cannot be signed by nobody'],
    ],
    [
      'with an unknown predicate type',
      `{ ${at}, signed-by: ci, attestations: [slsa] }`,
      ['8: "slsa" is no predicate type'],
    ],
    [
      'with an attestation of no type',
      `{ ${at}, signed-by: ci, attestations: [{ signed-by: ci }] }`,
      ['8: The key "predicate-type" is missing in an attestation'],
    ],
    [
      'with the type of signatures',
      `{ ${at}, signed-by: ci, attestations: ["https://sigstore.dev/cosign/sign/v1"] }`,
      ['8: "https://sigstore.dev/cosign/sign/v1" is what signatures state, not an attestation'],
    ],
    [
      'with an attestation twice',
      `{ ${at}, signed-by: ci, attestations: [spdx, { predicate-type: https://spdx.dev/Document, signed-by: ci }] }`,
      ['8: Attestations of https://spdx.dev/Document by the same signers are demanded twice'],
    ],
  ]
  for (const [name, rule, expected] of cases) {
    test(name, async () => {
      assert.deepEqual(await policyProblems(ruleText(rule)), expected)
    })
  }
})
