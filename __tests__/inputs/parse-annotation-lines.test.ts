import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAnnotationLines } from '../../src/inputs/parse-annotation-lines.ts'

test('splits at the first equals sign and keeps empty values', () => {
  const annotations = parseAnnotationLines(['a=1', 'b=x=y z', 'c=', '__proto__=p'], 'annotations')
  assert.deepEqual(Object.entries(annotations), [
    ['a', '1'],
    ['b', 'x=y z'],
    ['c', ''],
    ['__proto__', 'p'],
  ])
})

test('refuses lines without a key, with blanks in it, and a key twice', () => {
  for (const line of ['word', '=value', 'a b=c', 'a =b']) {
    assert.throws(() => parseAnnotationLines([line], 'annotations'), {
      kind: 'input',
      message: `"${line}" in \`annotations\` is not key=value`,
    })
  }
  assert.throws(() => parseAnnotationLines(['a=1', 'a=2'], 'require-annotations'), {
    message: '`require-annotations` gives "a" twice',
  })
})
