import assert from 'node:assert/strict'
import { test } from 'node:test'
import { levelsOf } from '../../src/copy/levels.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { childrenOf } from '../../src/oci/manifest.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { graphOfSample } from '../builders/memory-sample.ts'

const [one, two] = ['one', 'two'].map((seed) => buildImage({ seed }))
assert.ok(one && two)
const inner = buildIndex([one])
const outer = buildIndex([inner, two])

function levels(...manifests: readonly Manifest[]): readonly (readonly string[])[] {
  return levelsOf(manifests).map((level) => level.map(({ descriptor }) => descriptor.digest))
}

test('an image has no children, and an index has those that it lists', () => {
  assert.deepEqual(childrenOf(one.manifest), [])
  assert.deepEqual(childrenOf(outer.manifest), [inner.digest, two.digest])
})

test('nothing is no level', () => assert.deepEqual(levels(), []))

test('images first, then each index behind all that it lists', () => {
  assert.deepEqual(levels(one.manifest, inner.manifest, two.manifest, outer.manifest), [
    [one.digest, two.digest],
    [inner.digest],
    [outer.digest],
  ])
})

test('a referrer is behind its subject, and one of its own behind it', () => {
  const scan = buildReferrer(outer.descriptor, 'application/x', 'scan')
  const note = buildReferrer(scan.descriptor, 'application/x', 'note')
  assert.deepEqual(
    levels(one.manifest, inner.manifest, two.manifest, outer.manifest, scan.manifest, note.manifest),
    [[one.digest, two.digest], [inner.digest], [outer.digest], [scan.digest], [note.digest]],
  )
})

test('what is not written is not waited for', () => {
  const scan = buildReferrer(outer.descriptor, 'application/x', 'scan')
  assert.deepEqual(levels(two.manifest, outer.manifest), [[two.digest], [outer.digest]])
  assert.deepEqual(levels(scan.manifest), [[scan.digest]])
})

test('in a whole graph every manifest is in one level, behind its children and its subject', async () => {
  const sample = buildCompleteSample('levels', buildKeys())
  const { manifests } = await graphOfSample(sample)
  const grouped = levelsOf([...manifests.values()])
  assert.deepEqual(new Set(grouped.flat()), new Set(manifests.values()))
  assert.equal(grouped.flat().length, manifests.size)
  const levelOf = (digest: string | undefined) =>
    grouped.findIndex((level) => level.some(({ descriptor }) => descriptor.digest === digest))
  for (const manifest of manifests.values()) {
    const below = [...childrenOf(manifest), ...(manifest.subject ? [manifest.subject.digest] : [])]
    for (const digest of below) assert.ok(levelOf(digest) < levelOf(manifest.descriptor.digest))
  }
})
