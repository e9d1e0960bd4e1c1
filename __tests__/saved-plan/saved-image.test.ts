import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePinnedReference, parseRepositoryName } from '../../src/oci/reference.ts'
import { exactly, expression } from '../../src/policy/text-match.ts'
import { restoreImage, saveImage } from '../../src/saved-plan/saved-image.ts'
import type { ImageTerms, ListedImage } from '../../src/sources/source.ts'

const DIGEST = `sha256:${'0a'.repeat(32)}`
const PLAIN: ListedImage = {
  reference: parsePinnedReference(`r.example/app@${DIGEST}`),
  written: 'app:v1',
  annotations: {},
  originTags: [],
}

/** Through JSON and back. */
function restored(image: ListedImage): ListedImage {
  return restoreImage(JSON.parse(JSON.stringify(saveImage(image))))
}

test('a listed image comes back as it was listed, with all that its list says', () => {
  const full: ListedImage = {
    ...PLAIN,
    resolvedTag: 'v1',
    annotations: { 'kbld.carvel.dev/id': 'app', __proto: 'x' },
    originTags: ['v1', 'latest'],
    isTagLost: true,
    isBundle: true,
    location: { file: 'images.yml', line: 3, column: 5 },
    bundle: { root: parsePinnedReference(`r.example/bundle@${DIGEST}`), isRoot: false },
    signedName: parseRepositoryName('prod.example/app'),
    terms: { sign: { by: 'key', key: 'env://KEY' }, verify: { by: 'key', publicKey: '/keys/cosign.pub' } },
  }
  for (const image of [PLAIN, full]) assert.deepEqual(restored(image), image)
})

test('whom a list demands is matched as before', () => {
  const identity = expression('https://github\\.com/acme/.*', 'a test')
  const terms: ImageTerms = {
    sign: { by: 'keyless' },
    verify: { by: 'certificate', identity, issuer: exactly('https://issuer.example') },
  }
  const { terms: back } = restored({ ...PLAIN, terms })
  assert.ok(back?.verify?.by === 'certificate')
  const { identity: who, issuer } = back.verify
  assert.deepEqual(
    ['https://github.com/acme/x', 'https://github.com/acmex/x', 'x https://github.com/acme/x'].map((name) =>
      who.matches(name),
    ),
    [true, false, false],
  )
  assert.ok(issuer.matches('https://issuer.example') && !issuer.matches('https://issuer.example/'))
  assert.deepEqual(back.sign, { by: 'keyless' })
  for (const by of ['nobody'] as const) {
    assert.deepEqual(restored({ ...PLAIN, terms: { verify: { by } } }).terms, { verify: { by } })
  }
})

test('names that are none are refused', () => {
  const saved = saveImage(PLAIN)
  for (const source of ['app', 'r.example/app:v1', `https://r.example/app@${DIGEST}`]) {
    assert.throws(() => restoreImage({ ...saved, source }), { kind: 'input' })
  }
})
