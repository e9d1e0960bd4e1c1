import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withHint } from '../../src/report/with-hint.ts'

for (const [message, expected] of [
  ['The registry answered 503', 'The registry answered 503. Run again.'],
  ['It answered 503 (busy)\n', 'It answered 503 (busy). Run again.'],
  ['It is not there.', 'It is not there. Run again.'],
  ['It said: Stop!', 'It said: Stop! Run again.'],
  ['It said: why?', 'It said: why? Run again.'],
  ['It said a lot…', 'It said a lot… Run again.'],
] as const) {
  test(`"${message.trimEnd()}" and what to do are two sentences`, () => {
    assert.equal(withHint(message, 'Run again.'), expected)
  })
}

test('a message that comes alone stays as it is', () => {
  for (const hint of [undefined, '']) assert.equal(withHint('It answered 503', hint), 'It answered 503')
})
