import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { wantedTags } from '../../src/plan/wanted-tags.ts'
import { listedImage } from '../builders/listed-image.ts'
import { problemsOf } from '../builders/problems-of.ts'

const DIGEST = digestOf(Buffer.from('app'))
const IMAGE = { ...listedImage('dev.example/app', DIGEST), originTags: ['v1', 'v1.2'] }
const IMGPKG = `${DIGEST.replace(':', '-')}.imgpkg`

test('every tag of the origin fills a template, and each tag is wanted once', () => {
  const tags = ['v1', '{origin-tag}', '{origin-tag}-{origin-tag}']
  assert.deepEqual(wantedTags(IMAGE, { tags, imgpkgTags: false }), ['v1', 'v1.2', 'v1-v1', 'v1.2-v1.2'])
})

test('a part of a bundle gets none of them, and the tag of imgpkg where that is wanted', () => {
  const root = { ...IMAGE.reference, digest: digestOf(Buffer.from('bundle')) }
  const part = { ...IMAGE, bundle: { root, isRoot: false } }
  const tags = ['v1', '{origin-tag}']
  assert.deepEqual(wantedTags(part, { tags, imgpkgTags: false }), [])
  assert.deepEqual(wantedTags(part, { tags, imgpkgTags: true }), [IMGPKG])
  const whole = { ...part, bundle: { root, isRoot: true } }
  assert.deepEqual(wantedTags(whole, { tags: ['v1'], imgpkgTags: true }), ['v1', IMGPKG])
})

test('refuses what a tag of the origin makes of a template, when it is no tag for an image', async () => {
  for (const origin of ['a/b', '-', 'x'.repeat(129), `${DIGEST.replace(':', '-')}.sig`]) {
    const [problem] = await problemsOf(() =>
      wantedTags({ ...IMAGE, originTags: [origin] }, { tags: ['{origin-tag}'], imgpkgTags: false }),
    )
    assert.match(problem?.message ?? '', /, which cannot be a tag$/)
  }
})
