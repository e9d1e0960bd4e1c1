import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachedTag, fallbackTag, TAG_KINDS } from '../../src/oci/attached-tag.ts'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import { isTag } from '../../src/oci/reference.ts'

const SHORT = digestOf('x')
const LONG = digestOf('x', 'sha512')

test('the fallback tag is algorithm and hex with a hyphen', () => {
  assert.equal(fallbackTag(SHORT), `sha256-${hexOf(SHORT)}`)
})

test('the fallback tag of a longer digest is cut after 64 digits', () => {
  assert.equal(fallbackTag(LONG), `sha512-${hexOf(LONG).slice(0, 64)}`)
})

test("cosign's tags are the whole digest with a suffix", () => {
  assert.deepEqual(
    TAG_KINDS.map((kind) => attachedTag(SHORT, kind)),
    ['sig', 'att', 'sbom'].map((suffix) => `sha256-${hexOf(SHORT)}.${suffix}`),
  )
})

test('every tag of a sha256 digest is a tag', () => {
  for (const tag of [
    fallbackTag(SHORT),
    fallbackTag(LONG),
    ...TAG_KINDS.map((kind) => attachedTag(SHORT, kind)),
  ]) {
    assert.ok(isTag(tag), tag)
  }
})
