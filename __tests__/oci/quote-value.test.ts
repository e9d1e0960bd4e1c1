import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quoteValue } from '../../src/oci/quote-value.ts'

const DEPTH = 300_000
const DEEP: unknown = JSON.parse(`${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`)

const TABLE: readonly (readonly [value: unknown, quoted: string])[] = [
  ['a "text"\n', '"a \\"text\\"\\n"'],
  ['', '""'],
  ['x'.repeat(300), `"${'x'.repeat(199)}…`],
  [-1.5, '-1.5'],
  [true, 'true'],
  [null, 'nothing'],
  [undefined, 'nothing'],
  [DEEP, 'a list'],
  [{ deep: DEEP }, 'an object'],
]

for (const [value, quoted] of TABLE) {
  test(`quotes ${quoted.slice(0, 20)}`, () => {
    assert.equal(quoteValue(value), quoted)
  })
}
