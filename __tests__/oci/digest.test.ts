import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { algorithmOf, digestOf, hexOf, isDigest, parseDigest } from '../../src/oci/digest.ts'
import { randomFrom } from '../builders/random-from.ts'

const HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

test('gives the digest of known bytes in both algorithms', () => {
  assert.equal(digestOf(''), `sha256:${HEX}`)
  assert.equal(digestOf(Buffer.from('abc'), 'sha512').slice(0, 23), 'sha512:ddaf35a193617aba')
  assert.equal(digestOf('abc', 'sha512').length, 'sha512:'.length + 128)
})

test('takes every digest apart into the parts that make it', (context) => {
  const random = randomFrom(context)
  for (let round = 0; round < 200; round += 1) {
    const algorithm = random.pick(['sha256', 'sha512'] as const)
    const digest = digestOf(random.text(random.below(40)), algorithm)
    assert.equal(parseDigest(digest), digest)
    assert.equal(algorithmOf(digest), algorithm)
    assert.equal(`${algorithm}:${hexOf(digest)}`, digest)
  }
})

test('refuses a digest with any one character changed to one outside lower-case hex', (context) => {
  const random = randomFrom(context)
  for (let round = 0; round < 200; round += 1) {
    const digest = digestOf(`${round}`)
    const at = 'sha256:'.length + random.below(64)
    const wrong = digest.slice(0, at) + random.pick([...'gGAF /:@%\n-_.é\0']) + digest.slice(at + 1)
    assert.equal(isDigest(wrong), false, JSON.stringify(wrong))
  }
})

const MALFORMED = {
  'no algorithm': HEX,
  'an empty text': '',
  'an upper-case algorithm': `SHA256:${HEX}`,
  'upper-case hex': `sha256:${HEX.toUpperCase()}`,
  'one digit too few': `sha256:${HEX.slice(1)}`,
  'one digit too many': `sha256:${HEX}0`,
  'the length of the other algorithm': `sha512:${HEX}`,
  'an unregistered algorithm': `md5:${HEX.slice(32)}`,
  'a line feed at the end': `sha256:${HEX}\n`,
  'a line in front': `x\nsha256:${HEX}`,
  'a path behind it': `sha256:${HEX}/../../etc`,
  'a path in the hex': `sha256:../../../../../../../../../../../../../../../../../../../etc/passwd0`,
  'percent encoding': `sha256%3A${HEX}`,
  'a space in front': ` sha256:${HEX}`,
}

for (const [what, text] of Object.entries(MALFORMED)) {
  test(`refuses a digest with ${what}`, () => {
    assert.equal(isDigest(text), false)
    assert.throws(() => parseDigest(text), {
      name: 'PromotionError',
      kind: 'input',
      message: `"${text}" is not a digest`,
    })
  })
}

test('says how a digest is written', () => {
  assert.throws(
    () => parseDigest('latest'),
    (error) => error instanceof PromotionError && /sha256: and 64/.test(error.hint ?? ''),
  )
})
