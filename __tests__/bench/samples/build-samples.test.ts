import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRelease, buildTinyImages, changeRelease } from '../../../bench/samples/build-samples.ts'
import { randomBytes } from '../../../bench/samples/random-bytes.ts'
import { contentBytes } from '../../../bench/samples/sample-image.ts'
import { shuffle } from '../../../bench/samples/shuffle.ts'
import { buildKeys } from '../../builders/build-keys.ts'

const keys = buildKeys()
const release = buildRelease({ keys, count: 3 })

test('random bytes are the same for one name, others for another, and do not repeat themselves', () => {
  assert.ok(randomBytes('one', 1000).equals(randomBytes('one', 1000)))
  assert.ok(!randomBytes('one', 1000).equals(randomBytes('two', 1000)))
  assert.ok(!randomBytes('one', 64).subarray(0, 32).equals(randomBytes('one', 64).subarray(32)))
})

test('a shuffle keeps every item and depends on its name alone', () => {
  const items = Array.from({ length: 20 }, (_, index) => index)
  const shuffled = shuffle(items, 'one')
  assert.deepEqual(shuffle(items, 'one'), shuffled)
  assert.notDeepEqual(shuffle(items, 'two'), shuffled)
  assert.deepEqual(
    shuffled.toSorted((one, other) => one - other),
    items,
  )
})

test('the images of a release share three layers, and two platforms all four', () => {
  const layers = release.map(({ image }) =>
    image.blobs.filter(({ bytes }) => bytes.byteLength > 100_000).map(({ descriptor }) => descriptor.digest),
  )
  assert.deepEqual(
    layers.map((digests) => [digests.length, new Set(digests).size]),
    [
      [8, 4],
      [8, 4],
      [8, 4],
    ],
  )
  assert.equal(new Set(layers.flat()).size, 3 + release.length)
})

test('content is counted once, however often it is referred to', () => {
  const MIB = 1024 * 1024
  const own = 200 * 1024
  const bytes = contentBytes(release) - 14 * MIB
  assert.ok(bytes > 3 * own && bytes < 3 * own + 100_000, `${bytes}`)
})

test('a changed release differs in one image under the same tag, and shares all other signatures', () => {
  const changed = changeRelease(release, 2, keys)
  assert.deepEqual(
    changed.map(({ image }, index) => image.digest === release[index]?.image.digest),
    [true, false, true],
  )
  assert.equal(changed[1]?.tag, 'v2')
  assert.equal(changed[0]?.attached[0]?.digest, release[0]?.attached[0]?.digest)
})

test('referrers come on top of the tags', () => {
  const [plain] = release
  const [rich] = buildRelease({ keys, count: 1, referrers: true })
  const tags = (sample: typeof plain) => sample?.attached.map(({ attachedTag }) => attachedTag?.slice(-4))
  assert.deepEqual(tags(plain), ['.sig', '.att'])
  assert.deepEqual(tags(rich), ['.sig', '.att', undefined, undefined])
  assert.equal(rich?.image.digest, plain?.image.digest)
})

test('tiny images are as many as asked for, all different, signed when there is a key', () => {
  const unsigned = buildTinyImages('one', 5)
  assert.equal(new Set(unsigned.map(({ image }) => image.digest)).size, 5)
  assert.deepEqual(
    unsigned.flatMap(({ attached }) => attached),
    [],
  )
  assert.equal(buildTinyImages('one', 1, keys)[0]?.attached.length, 1)
})
