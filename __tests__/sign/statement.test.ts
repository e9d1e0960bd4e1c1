import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import { formatStatement, SIGNATURE_CLAIM } from '../../src/sign/statement.ts'

const digest = digestOf('image')

test('writes the statement byte for byte as cosign 3 does', () => {
  assert.equal(
    Buffer.from(formatStatement(digest, SIGNATURE_CLAIM, { k: 'v' })).toString(),
    `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"${hexOf(digest)}"},"annotations":{"k":"v"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}`,
  )
})

test('leaves the annotations out where there are none', () => {
  assert.doesNotMatch(Buffer.from(formatStatement(digest, SIGNATURE_CLAIM)).toString(), /annotations/)
})

test('names the algorithm of the digest', () => {
  const sha512 = digestOf('image', 'sha512')
  assert.ok(
    Buffer.from(formatStatement(sha512, SIGNATURE_CLAIM))
      .toString()
      .includes(`"sha512":"${hexOf(sha512)}"`),
  )
})

test('states any other claim about the image', () => {
  const claim = { predicateType: 'https://example.com/tested/v1', predicate: { passed: true } }
  assert.deepEqual(JSON.parse(Buffer.from(formatStatement(digest, claim)).toString()), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hexOf(digest) } }],
    ...claim,
  })
})
