import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import type { ImageTerms, ListedImage } from '../../src/sources/source.ts'
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

test('gives an image of a bundle once in each place that the bundle goes to', () => {
  const part = (root: string, isRoot = false) => ({
    ...listedImage('r.example/web', ONE),
    bundle: { root: listedImage(root, TWO).reference, isRoot },
  })
  const [one, again, other] = [part('r.example/a'), part('r.example/a'), part('r.example/b')]
  assert.deepEqual(uniqueImages([one, again, other]), [one, other])
})

test('takes an image for no mere part of a bundle that is also listed by itself, or is a bundle in its own right', () => {
  const listed = listedImage('r.example/a', ONE)
  const root = listedImage('r.example/a', TWO).reference
  const part = { ...listed, bundle: { root, isRoot: false } }
  const own = { ...listed, bundle: { root: listed.reference, isRoot: true } }
  for (const [entries, expected] of [
    [[part, listed], undefined],
    [[listed, part], undefined],
    [[part, own], own.bundle],
    [[own, part], own.bundle],
    [[part, part], part.bundle],
  ] as const) {
    assert.deepEqual(
      uniqueImages(entries).map(({ bundle }) => bundle),
      [expected],
    )
  }
})

test('keeps what any entry says: its terms, that it is a bundle, and all tags, in whatever order they are listed', () => {
  const terms: ImageTerms = { verify: { by: 'key', publicKey: 'cosign.pub' } }
  const plain = { ...listedImage('r.example/a', ONE), originTags: ['v1'] }
  const more: ListedImage = { ...plain, originTags: ['v2', 'v1'], isBundle: true, terms }
  assert.deepEqual(uniqueImages([plain, more]), [{ ...more, originTags: ['v1', 'v2'] }])
  assert.deepEqual(uniqueImages([more, plain]), [more])
})
