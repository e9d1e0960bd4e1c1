import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import { parseYaml } from '../../src/yaml/yaml.ts'
import { plainYaml } from '../builders/plain-yaml.ts'
import { policyProblems } from '../builders/policy-text.ts'

function readDocument(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
}

// The strict mode wants types repeated in every branch, which an editor has no use for.
const accepts = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(readDocument('policy.schema.json')),
)
const EXAMPLES = [...readDocument('policy.md').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
  ([, text = '']) => text,
)

/** A file with the signers a and b, and this rule. */
function rule(text: string): string {
  return `version: 1\nsigners: { a: { public-key: a }, b: { public-key: b } }\nrules:\n  - ${text}\n  - { repository: "**", signed-by: { any: [a, b] } }\n`
}

/** A file with this signer. */
function signer(text: string, name = 'a'): string {
  return `version: 1\nsigners: { ${name}: ${text} }\nrules: [{ repository: "**", signed-by: { any: [${name}] } }]\n`
}

const AT = 'repository: r.example/a'
const IDENTITY = 'certificate-identity: x, certificate-oidc-issuer: y'

describe('the schema and the parser both take', () => {
  for (const [index, text] of EXAMPLES.entries()) {
    test(`example ${index + 1} of docs/policy.md`, async () => {
      assert.deepEqual(await policyProblems(text), [])
      assert.ok(accepts(plainYaml(parseYaml(text, 'policy.yml'))), JSON.stringify(accepts.errors))
    })
  }

  for (const text of [
    'version: 1\nrules: [{ repository: "**", signed-by: nobody }]\n',
    'version: 1\nsigners: {}\nrules: [{ repository: docker.io/library/*, signed-by: nobody }]\n',
    rule(`{ ${AT}, signed-by: a }`),
    rule(`{ ${AT}, signed-by: { all: [a, b] }, annotations: { x: "1" }, attestations: [spdx, "urn:x:y"] }`),
    rule(`{ ${AT}, attestations: [{ predicate-type: openvex, signed-by: { any: [a] } }] }`),
    rule('{ repository: "127.0.0.1:*/**", signed-by: a }'),
    rule('{ repository: "[::1]:5000/a_b.c-*", signed-by: a }'),
    signer('{ public-key: env://NAME, transparency: rekor, timestamp: required }'),
    signer('{ public-key: "awskms:///alias/x" }', 'A.b_c-1'),
    signer(`{ ${IDENTITY}, certificate-github-workflow-sha: z, transparency: none, timestamp: none }`),
    signer('{ certificate-identity-regexp: x.*, certificate-oidc-issuer-regexp: y }'),
  ]) {
    test(text.replaceAll('\n', ' '), async () => {
      assert.deepEqual(await policyProblems(text), [])
      assert.ok(accepts(plainYaml(parseYaml(text, 'policy.yml'))), JSON.stringify(accepts.errors))
    })
  }
})

describe('the schema and the parser both refuse', () => {
  for (const text of [
    '[]\n',
    'version: 1\n',
    'rules: []\n',
    'version: 1\nrules: []\n',
    'version: "1"\nrules: [{ repository: "**", signed-by: nobody }]\n',
    'version: 2\nrules: [{ repository: "**", signed-by: nobody }]\n',
    'version: 1\ndefault: nobody\nrules: [{ repository: "**", signed-by: nobody }]\n',
    rule('r.example/a'),
    rule('{ signed-by: a }'),
    rule(`{ ${AT} }`),
    rule(`{ ${AT}, signed-by: [a] }`),
    rule(`{ ${AT}, signed-by: {} }`),
    rule(`{ ${AT}, signed-by: { any: [a], all: [b] } }`),
    rule(`{ ${AT}, signed-by: { any: [] } }`),
    rule(`{ ${AT}, signed-by: { any: [a, a] } }`),
    rule(`{ ${AT}, signed-by: { any: [a, nobody] } }`),
    rule(`{ ${AT}, signed-by: { none: [a] } }`),
    rule(`{ ${AT}, signed-by: nobody, annotations: { x: y } }`),
    rule(`{ ${AT}, signed-by: nobody, attestations: [{ predicate-type: spdx, signed-by: a }] }`),
    rule(`{ ${AT}, signed-by: a, annotations: {} }`),
    rule(`{ ${AT}, signed-by: a, annotations: { x: 1 } }`),
    rule(`{ ${AT}, signed-by: a, attestations: [] }`),
    rule(`{ ${AT}, signed-by: a, attestations: [slsa] }`),
    rule(`{ ${AT}, signed-by: a, attestations: ["https://sigstore.dev/cosign/sign/v1"] }`),
    rule(`{ ${AT}, signed-by: a, attestations: [{ signed-by: a }] }`),
    rule(`{ ${AT}, signed-by: a, attestations: [{ predicate-type: spdx, signed-by: nobody }] }`),
    rule(`{ ${AT}, attestations: [spdx] }`),
    rule(`{ ${AT}, attestations: [{ predicate-type: spdx }] }`),
    rule(`{ ${AT}, annotations: { x: y }, attestations: [{ predicate-type: spdx, signed-by: a }] }`),
    rule(`{ ${AT}, signed-by: a, signer: b }`),
    rule('{ repository: nginx, signed-by: a }'),
    rule('{ repository: "r.example/a:v1", signed-by: a }'),
    rule('{ repository: r.example/A, signed-by: a }'),
    rule(`{ repository: r.example/${'a'.repeat(250)}, signed-by: a }`),
    signer('a.pub'),
    signer('{}'),
    signer('{ key: a }'),
    signer('{ public-key: "" }'),
    signer('{ public-key: 1 }'),
    signer('{ public-key: a, transparency: yes }'),
    signer('{ public-key: a, timestamp: true }'),
    signer(`{ public-key: a, ${IDENTITY} }`),
    signer('{ certificate-identity: x }'),
    signer('{ certificate-oidc-issuer: y }'),
    signer(`{ ${IDENTITY}, certificate-identity-regexp: x }`),
    signer(`{ ${IDENTITY}, certificate-github-workflow: x }`),
    signer('{ public-key: a }', 'nobody'),
    signer('{ public-key: a }', 'a b'),
  ]) {
    test(text.replaceAll('\n', ' '), async () => {
      assert.notDeepEqual(await policyProblems(text), [])
      assert.ok(!accepts(plainYaml(parseYaml(text, 'policy.yml'))))
    })
  }
})

test('docs/policy.md has three examples, and the first tells editors of the schema', () => {
  assert.equal(EXAMPLES.length, 3)
  assert.match(
    EXAMPLES[0] ?? '',
    /^# yaml-language-server: \$schema=https:\/\/.*\/docs\/policy\.schema\.json\n/,
  )
})
