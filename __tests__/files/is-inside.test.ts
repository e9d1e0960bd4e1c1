import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInside } from '../../src/files/is-inside.ts'

test('knows what is inside a folder by the names alone', () => {
  for (const path of ['/a/b', '/a/b/c', '/a/b/..c', '/a/b/c/../d']) assert.ok(isInside(path, '/a/b'), path)
})

test('knows what is outside, however like it the name is', () => {
  for (const path of ['/a', '/a/bc', '/a/b/../c', '/', '/x/a/b']) assert.ok(!isInside(path, '/a/b'), path)
})
