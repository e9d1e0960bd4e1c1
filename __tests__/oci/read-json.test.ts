import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readJson } from '../../src/oci/read-json.ts'

test('reads an object from bytes and from text', () => {
  assert.deepEqual(readJson(Buffer.from('{"a":"ü"}')), { a: 'ü' })
  assert.deepEqual(readJson('{"a":[1]}'), { a: [1] })
})

for (const [what, content] of [
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"secret"'],
  ['no JSON', '{secret'],
  ['nothing', ''],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
] as const) {
  test(`${what} is no object, and no error`, () => assert.equal(readJson(content), undefined))
}
