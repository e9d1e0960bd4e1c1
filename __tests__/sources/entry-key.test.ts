import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryKey } from '../../src/sources/entry-key.ts'

const image = 'r.example/app@sha256:1'

test('is the same for the same annotations in another order', () => {
  const [one, other] = [
    { a: '1', b: '2', c: '3' },
    { c: '3', b: '2', a: '1' },
  ]
  assert.equal(entryKey({ image, annotations: one }), entryKey({ image, annotations: other }))
})

test('differs with the image, a name or a value', () => {
  const entries = [
    { image, annotations: {} },
    { image: `${image}2`, annotations: {} },
    { image, annotations: { a: '' } },
    { image, annotations: { a: '1' } },
    { image, annotations: { b: '1' } },
    { image, annotations: { a: '1', b: '1' } },
    { image, annotations: { a: '1","b","1' } },
  ]
  assert.equal(new Set(entries.map(entryKey)).size, entries.length)
})
