import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Challenge, LONGEST_CHALLENGE, parseChallenge } from '../../src/registry/challenge.ts'

const REALM = 'https://auth.example/token'
const BASIC: Challenge = { scheme: 'basic' }

function bearer(service?: string, realm = REALM): Challenge {
  return { scheme: 'bearer', realm, service }
}

const TABLE: readonly (readonly [header: string, expected: Challenge | undefined])[] = [
  ['', undefined],
  ['Negotiate', undefined],
  ['Bearer', undefined],
  ['Bearer service="x"', undefined],
  ['Basically realm="x"', undefined],
  ['Digest realm="a, basic b"', undefined],
  ['Basic', BASIC],
  ['basic realm="x"', BASIC],
  ['Basic realm="a, Bearer realm=b"', BASIC],
  ['Negotiate, Basic realm="x"', BASIC],
  [`Bearer realm="${REALM}"`, bearer()],
  [`bearer REALM="${REALM}",Service="r"`, bearer('r')],
  [`Bearer realm=${REALM}, service=r`, bearer('r')],
  [`Bearer realm = "${REALM}" , service = "r"`, bearer('r')],
  [`Bearer service="r",scope="repository:a:pull,push",realm="${REALM}",error="invalid_token"`, bearer('r')],
  [`Bearer realm="${REALM}?a=1,b=2",service="a, b"`, bearer('a, b', `${REALM}?a=1,b=2`)],
  [`Bearer realm="${REALM}?x=a, basic b",service="r"`, bearer('r', `${REALM}?x=a, basic b`)],
  [`Bearer realm="${REALM}",service="a \\"quoted\\" one"`, bearer('a "quoted" one')],
  [`Basic realm="x", Bearer realm="${REALM}",service="r"`, bearer('r')],
  [`Bearer realm="${REALM}",service="r", Basic realm="x"`, bearer('r')],
  [`Bearer realm="${REALM}",service="r", Digest realm="other",service="s"`, bearer('r')],
  ['Bearer service="r", Basic realm="x"', BASIC],
]

for (const [header, expected] of TABLE) {
  test(`reads the challenge ${header || '(none)'}`, () => {
    assert.deepEqual(parseChallenge(header), expected)
  })
}

test('does not look at a challenge of more than 4 KiB', () => {
  const long = (length: number) => `Basic realm="${'x'.repeat(length - 14)}"`.padEnd(length)
  assert.deepEqual(parseChallenge(long(LONGEST_CHALLENGE)), BASIC)
  assert.equal(parseChallenge(long(LONGEST_CHALLENGE + 1)), undefined)
})
