import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  areSameLocations,
  formatImageLocations,
  parseImageLocations,
} from '../../src/imgpkg/image-locations.ts'
import { parsePinnedReference } from '../../src/oci/reference.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const ONE = `sha256:${'1'.repeat(64)}`
const TWO = `sha256:${'2'.repeat(64)}`
const HEADER = 'apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImageLocations\n'

function at(image: string, isBundle = false) {
  return { image: parsePinnedReference(image), isBundle }
}

test('writes the note as imgpkg does, sorted by the images with capitals first', () => {
  const text = formatImageLocations([
    at(`r.example/b@${ONE}`),
    at(`nginx@${TWO}`),
    at(`r.example/a@${TWO}`, true),
  ])
  assert.equal(
    text,
    `---
apiVersion: imgpkg.carvel.dev/v1alpha1
images:
- image: index.docker.io/library/nginx@${TWO}
  isBundle: false
- image: r.example/a@${TWO}
  isBundle: true
- image: r.example/b@${ONE}
  isBundle: false
kind: ImageLocations
`,
  )
  assert.deepEqual(parseImageLocations(text, 'note'), [
    at(`nginx@${TWO}`),
    at(`r.example/a@${TWO}`, true),
    at(`r.example/b@${ONE}`),
  ])
})

test('reads the note of a bundle without images, as Go writes an empty list and as others do', () => {
  for (const images of ['images: null\n', 'images: []\n']) {
    assert.deepEqual(parseImageLocations(HEADER + images, 'note'), [])
  }
  assert.deepEqual(parseImageLocations(formatImageLocations([]), 'note'), [])
})

test('refuses what is no such note', async () => {
  const wrong = async (text: string) => placesOf(await problemsOf(() => parseImageLocations(text, 'note')))
  assert.deepEqual(await wrong('- x\n'), ['1:1 Image locations must be a mapping, not a list'])
  assert.deepEqual(await wrong(HEADER), ['1:1 The key "images" is missing in image locations'])
  assert.deepEqual(await wrong(`${HEADER}images:\n- image: r.example/a@${ONE}\n`), [
    '4:3 The key "isBundle" is missing in an image location',
  ])
  assert.deepEqual(await wrong('apiVersion: v1\nkind: ConfigMap\nimages: []\n'), [
    'undefined:undefined note is a ConfigMap of v1, and no ImageLocations',
  ])
  const tagged = await wrong(`${HEADER}images:\n- image: r.example/a:v1\n  isBundle: false\n`)
  assert.match(tagged[0] ?? '', /it has no digest/)
})

test('compares which digests there are and which are bundles, and not the names they were given', () => {
  const one = [at(`r.example/a@${ONE}`), at(`r.example/b@${TWO}`, true)]
  assert.equal(areSameLocations(one, [at(`other/b@${TWO}`, true), at(`other/a@${ONE}`)]), true)
  assert.equal(areSameLocations(one, one.slice(1)), false)
  assert.equal(areSameLocations(one.slice(1), one), false)
  assert.equal(areSameLocations(one, [at(`r.example/a@${ONE}`), at(`r.example/b@${TWO}`)]), false)
  assert.equal(areSameLocations([], []), true)
})
