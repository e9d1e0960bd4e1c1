import assert from 'node:assert/strict'
import { test } from 'node:test'
import { warningTexts } from '../../src/registry/warning-texts.ts'

for (const [header, texts] of [
  ['299 - "This registry moves"', ['This registry moves']],
  ['299 registry.example "a, b", 299 - "c \\"d\\""', ['a, b', 'c "d"']],
  ['110 - "Response is stale"', []],
  ['199 - "299 - nothing", 299 - "something"', ['something']],
  ['299 - unquoted', []],
  ['', []],
] as const) {
  test(`reads ${JSON.stringify(texts)} from a Warning of ${header}`, () => {
    assert.deepEqual(warningTexts(header), texts)
  })
}

test('does not look at a header of more than 4096 characters', () => {
  assert.deepEqual(warningTexts(`299 - "${'x'.repeat(5000)}"`), [])
})
