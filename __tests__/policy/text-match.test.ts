import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { exactly, expression } from '../../src/policy/text-match.ts'

test('an exact text matches itself and nothing that contains it', () => {
  const match = exactly('https://a.example')
  assert.ok(match.matches('https://a.example'))
  for (const other of [
    'https://a.example/',
    ' https://a.example',
    'https://A.example',
    'https://aXexample',
    '',
  ]) {
    assert.ok(!match.matches(other), other)
  }
})

test('an expression has to match the whole text, whatever it says of lines', () => {
  for (const text of ['a|b', '(?m)^a$', '^a$', '(?s)a', 'a']) {
    const match = expression(text, '`x`')
    assert.ok(match.matches('a'), text)
    for (const other of ['ab', 'ba', 'a\n', '\na', 'x\na\nx', 'aa', ''])
      assert.ok(!match.matches(other), `${text} ${other}`)
  }
})

test('an expression is tried in linear time', () => {
  const match = expression('(a+)+(a+)+(a+)+b', '`x`')
  assert.ok(!match.matches('a'.repeat(5_000)))
})

for (const text of [
  '(',
  '(?=a)',
  '(?<!a)b',
  '(a)\\1',
  '[z-a]',
  '*',
  'a{2,1}',
  '((a{100}){100}){100}',
  '\\',
]) {
  test(`refuses the expression ${text}, naming where it is`, () => {
    assert.throws(
      () => expression(text, '`certificate-identity-regexp`'),
      (error) => {
        assert.ok(error instanceof PromotionError)
        assert.equal(error.kind, 'input')
        assert.match(error.message, /^`certificate-identity-regexp` is no expression that RE2 reads: /)
        assert.match(error.hint ?? '', /RE2/)
        return true
      },
    )
  })
}
