import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { parsePredicateType } from '../../src/policy/predicate-type.ts'

for (const [name, type] of [
  ['slsaprovenance', 'https://slsa.dev/provenance/v0.2'],
  ['slsaprovenance02', 'https://slsa.dev/provenance/v0.2'],
  ['slsaprovenance1', 'https://slsa.dev/provenance/v1'],
  ['link', 'https://in-toto.io/Link/v1'],
  ['spdx', 'https://spdx.dev/Document'],
  ['spdxjson', 'https://spdx.dev/Document'],
  ['cyclonedx', 'https://cyclonedx.org/bom'],
  ['vuln', 'https://cosign.sigstore.dev/attestation/vuln/v1'],
  ['openvex', 'https://openvex.dev/ns'],
  ['custom', 'https://cosign.sigstore.dev/attestation/v1'],
  ['https://example.com/tested/v1', 'https://example.com/tested/v1'],
  ['urn:acme:tested', 'urn:acme:tested'],
] as const) {
  test(`takes ${name} for ${type}`, () => {
    assert.equal(parsePredicateType(name), type)
  })
}

for (const text of [
  'slsa',
  'SPDX',
  '',
  '/abs/path',
  'example.com/v1',
  'https://',
  'https://a b',
  'toString',
  'a:\u00e9',
]) {
  test(`refuses "${text}", and names what there is`, () => {
    assert.throws(
      () => parsePredicateType(text),
      (error) => {
        assert.ok(error instanceof PromotionError)
        assert.equal(error.kind, 'input')
        assert.equal(error.message, `"${text}" is no predicate type`)
        assert.match(error.hint ?? '', /slsaprovenance1, .*custom\.$/)
        return true
      },
    )
  })
}

test('refuses the type of signatures: they are no attestations', () => {
  assert.throws(() => parsePredicateType('https://sigstore.dev/cosign/sign/v1'), /is what signatures state/)
})
