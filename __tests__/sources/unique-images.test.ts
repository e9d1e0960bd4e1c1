import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { uniqueImages } from '../../src/sources/unique-images.ts'
import { listedImage } from '../builders/listed-image.ts'

const [ONE, TWO] = [digestOf('one'), digestOf('two')]

test('gives each reference once, the first entry of it, in their order', () => {
  const entries = [
    listedImage('r.example/b', ONE, 1),
    listedImage('r.example/a', ONE, 2),
    { ...listedImage('r.example/b', ONE, 3), annotations: { k: 'v' } },
    listedImage('r.example/b', TWO, 4),
    listedImage('R.example/a', ONE, 5),
  ]
  assert.deepEqual(uniqueImages(entries), [entries[0], entries[1], entries[3]])
  assert.deepEqual(uniqueImages([]), [])
})
