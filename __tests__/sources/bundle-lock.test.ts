import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatReference, parsePinnedReference } from '../../src/oci/reference.ts'
import { readLock } from '../../src/sources/read-lock.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const HEADER = 'apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\n'

function documentIn(text: string) {
  const unasked = () => assert.fail('nobody is asked about a BundleLock')
  return readLock(text, 'bundle.yml')(unasked, () => undefined)
}

async function refusal(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(() => documentIn(text))
  for (const { kind, hint, location } of problems) {
    assert.equal(kind, 'input')
    assert.ok(hint)
    assert.equal(location?.file, 'bundle.yml')
  }
  return placesOf(problems)
}

test('reads a BundleLock as imgpkg writes it: one bundle, and the tag by which it was known', async () => {
  const text = `---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: acme/app@${DIGEST}\n  tag: v1\nkind: BundleLock\n`
  const [bundle, ...others] = (await documentIn(text)).listed
  assert.deepEqual(others, [])
  assert.deepEqual(bundle, {
    reference: parsePinnedReference(`index.docker.io/acme/app@${DIGEST}`),
    written: `acme/app@${DIGEST}`,
    annotations: {},
    originTags: ['v1'],
    isBundle: true,
    location: { file: 'bundle.yml', line: 4, column: 10 },
  })
})

test('refuses unknown keys, a missing image, a tag where a digest must be, and what is no tag', async () => {
  assert.deepEqual(await refusal(HEADER), ['1:1 The key "bundle" is missing in a BundleLock'])
  assert.deepEqual(await refusal(`${HEADER}images: []\nbundle:\n  name: x\n`), [
    '3:1 The key "images" is not known in a BundleLock',
    '5:3 The key "name" is not known in "bundle"',
    '5:3 The key "image" is missing in "bundle"',
  ])
  assert.deepEqual(await refusal(`${HEADER}bundle:\n  image: r.example/app:v1\n  tag: a b\n`), [
    '5:8 "a b" cannot be a tag',
    '4:10 "r.example/app:v1" has a tag where a digest must be',
  ])
  assert.deepEqual(await refusal(`${HEADER}bundle: []\n`), ['3:9 "bundle" must be a mapping, not a list'])
})

test('writes the lock for the target with the tag that the bundle has there, and otherwise with its own', async () => {
  const text = `${HEADER}bundle:\n  image: r.example/app@${DIGEST}\n  tag: v1\n`
  const reference = parsePinnedReference(`prod.example/app@${DIGEST}`)
  const document = await documentIn(text)
  const expected = (tag: string) =>
    `---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: ${formatReference(reference)}\n  tag: ${tag}\nkind: BundleLock\n`
  assert.equal(
    document.rewrite(() => ({ reference, tag: 'v2' })),
    expected('v2'),
  )
  assert.equal(
    document.rewrite(() => ({ reference, tag: undefined })),
    expected('v1'),
  )
  const untagged = await documentIn(`${HEADER}bundle:\n  image: r.example/app@${DIGEST}\n`)
  assert.doesNotMatch(
    untagged.rewrite(() => ({ reference, tag: undefined })),
    /tag/,
  )
})

test('a bundle is known by its tag first, and by the one in front of its digest', async () => {
  const text = `${HEADER}bundle:\n  image: r.example/app:v1@${DIGEST}\n`
  assert.deepEqual((await documentIn(text)).listed[0]?.originTags, ['v1'])
  assert.deepEqual((await documentIn(`${text}  tag: v2\n`)).listed[0]?.originTags, ['v2', 'v1'])
})
