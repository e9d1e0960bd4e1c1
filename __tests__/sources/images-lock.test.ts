import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatReference } from '../../src/oci/reference.ts'
import { parseImagesLock } from '../../src/sources/parse-images-lock.ts'
import { buildLock } from '../builders/build-lock.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const OTHER = `sha256:${'b'.repeat(64)}`
const HEADER = 'apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n'

async function refusal(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(() => parseImagesLock(text, 'images.yml'))
  for (const { kind, hint, location } of problems) {
    assert.equal(kind, 'input')
    assert.ok(hint)
    assert.equal(location?.file, 'images.yml')
  }
  return placesOf(problems)
}

test('reads what kbld writes, names normalised and annotations byte for byte', () => {
  const origins = '- resolved:\n    tag: "1.14"\n    url: nginx:1.14\n'
  const annotations = { 'kbld.carvel.dev/id': 'nginx:1.14 ', 'kbld.carvel.dev/origins': origins }
  const text = buildLock([
    { image: `nginx@${DIGEST}`, annotations },
    { image: `r.example:5000/a/b@${OTHER}` },
  ])
  const [nginx, other] = parseImagesLock(text, 'images.yml')
  assert.ok(nginx && other)
  assert.equal(formatReference(nginx.reference), `index.docker.io/library/nginx@${DIGEST}`)
  assert.equal(nginx.written, `nginx@${DIGEST}`)
  assert.deepEqual(nginx.annotations, annotations)
  assert.deepEqual([nginx.originTags, other.originTags], [['1.14'], []])
  assert.deepEqual(nginx.location, { file: 'images.yml', line: 7, column: 10 })
  assert.equal(formatReference(other.reference), `r.example:5000/a/b@${OTHER}`)
  assert.deepEqual(other.annotations, {})
})

test('keeps an annotation in a block scalar and one called __proto__', () => {
  const text = `${HEADER}images:\n- image: nginx@${DIGEST}\n  annotations:\n    origins: |\n      - a\n\n      - b\n    __proto__: x\n`
  const [image] = parseImagesLock(text, 'images.yml')
  assert.deepEqual(Object.entries(image?.annotations ?? {}), [
    ['origins', '- a\n\n- b\n'],
    ['__proto__', 'x'],
  ])
})

test('takes a lock without images for an empty one', () => {
  for (const images of ['', 'images:\n', 'images: []\n']) {
    assert.deepEqual(parseImagesLock(HEADER + images, 'images.yml'), [])
  }
})

test('an image is known by the tag in front of its digest, and by those of kbld', () => {
  const annotations = { 'kbld.carvel.dev/origins': '- tagged: {tags: [v1, latest]}\n' }
  const images = [`r.example:5000/app:v1@${DIGEST}`, `r.example:5000/app:v2@${OTHER}`]
  const listed = parseImagesLock(buildLock(images.map((image) => ({ image, annotations }))), 'images.yml')
  assert.deepEqual(
    listed.map(({ originTags }) => originTags),
    [
      ['v1', 'latest'],
      ['v2', 'v1', 'latest'],
    ],
  )
})

test('reads an entry whose annotations are empty', () => {
  const [image] = parseImagesLock(
    `${HEADER}images:\n- image: nginx@${DIGEST}\n  annotations:\n`,
    'images.yml',
  )
  assert.deepEqual(image?.annotations, {})
})

test('refuses a tag where a digest must be, and says how to pin it', async () => {
  const text = `${HEADER}images:\n- image: r.example/app:v1\n- image: r.example/app\n`
  assert.deepEqual(await refusal(text), [
    '4:10 "r.example/app:v1" has a tag where a digest must be',
    '5:10 "r.example/app" has no digest',
  ])
  const [problem] = await problemsOf(() => parseImagesLock(text, 'images.yml'))
  assert.match(problem?.hint ?? '', /^Pin it: .*crane digest r\.example\/app:v1/)
})

test('refuses unknown keys at every level', async () => {
  const text = `${HEADER}extra: 1\nimages:\n- image: nginx@${DIGEST}\n  name: x\n`
  assert.deepEqual(await refusal(text), [
    '3:1 The key "extra" is not known in an ImagesLock',
    '6:3 The key "name" is not known in an entry of images',
  ])
})

test('refuses an image that is listed twice, also under another name of its registry', async () => {
  const text = buildLock([{ image: `nginx@${DIGEST}` }, { image: `docker.io/library/nginx@${DIGEST}` }])
  assert.deepEqual(await refusal(text), [
    `5:10 "docker.io/library/nginx@${DIGEST}" is listed twice, first on line 4`,
  ])
})

test('takes one image with several annotations, as kbld lists it, and refuses the same annotations twice', async () => {
  const image = `r.example/app@${DIGEST}`
  const several = [
    { 'kbld.carvel.dev/id': 'app:v1' },
    { 'kbld.carvel.dev/id': 'app:v2' },
    { 'kbld.carvel.dev/id': 'app:v1', more: '' },
    {},
  ]
  const read = parseImagesLock(
    buildLock(several.map((annotations) => ({ image, annotations }))),
    'images.yml',
  )
  assert.deepEqual(
    read.map(({ annotations }) => annotations),
    several,
  )
  const twice = [
    { image, annotations: { a: '1', b: '2' } },
    { image, annotations: { b: '2', a: '1' } },
  ]
  assert.deepEqual(await refusal(buildLock(twice)), [
    `11:10 "${image}" is listed twice with the same annotations, first on line 7`,
  ])
})

test('takes one digest in two repositories for two images', () => {
  const text = buildLock([{ image: `r.example/a@${DIGEST}` }, { image: `r.example/b@${DIGEST}` }])
  assert.equal(parseImagesLock(text, 'images.yml').length, 2)
})

test('refuses malformed references and digests with their places', async () => {
  const text = `${HEADER}images:\n- image: r.example/App@${DIGEST}\n- image: r.example/app@sha256:abc\n- image: ""\n`
  const problems = await refusal(text)
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    ['4:10', '5:10', '6:10'],
  )
})

test('refuses wrong types and missing keys, all problems of the file together', async () => {
  const text = `${HEADER}images:\n- annotations: {v: 1.0}\n- image: 5\n- text\n- image: nginx:1\n  annotations: [a]\n`
  assert.deepEqual(await refusal(text), [
    '4:3 The key "image" is missing in an entry of images',
    '4:20 The annotation "v" must be text, not the number 1',
    '5:10 "image" must be text, not the number 5',
    '6:3 An entry of images must be a mapping, not text',
    '8:16 "annotations" must be a mapping, not a list',
    '7:10 "nginx:1" has a tag where a digest must be',
  ])
  assert.deepEqual(await refusal(`${HEADER}images: {}\n`), ['3:9 "images" must be a list, not a mapping'])
})

test('refuses files that are something else altogether', async () => {
  assert.deepEqual(await refusal('apiVersion: v1\nkind: ConfigMap\ndata: {}\n'), [
    '2:1 The file is a "ConfigMap" of "v1", which cannot be read here',
  ])
  assert.deepEqual(await refusal('images: []\n'), [
    '1:1 The key "apiVersion" is missing in an ImagesLock',
    '1:1 The key "kind" is missing in an ImagesLock',
  ])
  assert.deepEqual(await refusal('- a\n'), ['1:1 A list of images must be a mapping, not a list'])
  assert.deepEqual(await refusal('# nothing\n'), ['1:1 The file is empty'])
  assert.deepEqual(await refusal('apiVersion: 1\nkind: ImagesLock\n'), [
    '1:13 "apiVersion" must be text, not the number 1',
  ])
})

test('refuses more than 5,000 images and takes 5,000', async () => {
  const entries = Array.from({ length: 5_001 }, (_, number) => ({
    image: `r.example/app${number}@${DIGEST}`,
  }))
  assert.deepEqual(await refusal(buildLock(entries)), [
    '4:1 The file lists 5001 images, and 5000 is the limit',
  ])
  assert.equal(parseImagesLock(buildLock(entries.slice(1)), 'images.yml').length, 5_000)
})

test('refuses aliases in a lock', async () => {
  const text = `${HEADER}images:\n- &a\n  image: nginx@${DIGEST}\n- *a\n`
  assert.deepEqual(await refusal(text), [
    '4:3 An anchor (&name) is not allowed',
    '6:3 An alias (*name) is not allowed',
  ])
})
