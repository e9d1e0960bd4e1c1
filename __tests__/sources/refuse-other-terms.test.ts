import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { exactly } from '../../src/policy/text-match.ts'
import { refuseOtherTerms } from '../../src/sources/refuse-other-terms.ts'
import type { ImageTerms, ListedImage } from '../../src/sources/source.ts'
import { uniqueImages } from '../../src/sources/unique-images.ts'
import { SourceProblems } from '../../src/yaml/source-problems.ts'
import { listedImage } from '../builders/listed-image.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const DIGEST = digestOf('app')
const NONE: ImageTerms = { sign: { by: 'nobody' } }

function listedOn(...terms: readonly (ImageTerms | undefined)[]): readonly ListedImage[] {
  return terms.map((one, line) => ({
    ...listedImage('r.example/app', DIGEST, line),
    ...(one && { terms: one }),
  }))
}

async function refusal(...terms: readonly (ImageTerms | undefined)[]): Promise<readonly string[]> {
  const problems = new SourceProblems()
  refuseOtherTerms(listedOn(...terms), problems)
  return placesOf(await problemsOf(() => problems.throwIfAny()))
}

test('takes an image that is listed on the same terms, or by a format that has none, whose terms are those of the others', async () => {
  const identity = { by: 'certificate', identity: exactly('i'), issuer: exactly('j') } as const
  for (const terms of [
    [NONE, { sign: { by: 'nobody' } }, undefined],
    [undefined, NONE],
  ] as const) {
    assert.deepEqual(await refusal(...terms), [])
    assert.deepEqual(
      uniqueImages(listedOn(...terms)).map((image) => image.terms),
      [NONE],
    )
  }
  assert.deepEqual(
    await refusal({ verify: identity }, { verify: { ...identity, identity: exactly('i') } }),
    [],
  )
})

test('refuses other terms, among them none at all where they could be said', async () => {
  for (const other of [{}, { sign: { by: 'keyless' } }, { ...NONE, verify: { by: 'nobody' } }] as const) {
    const [problem, ...others] = await refusal(NONE, other)
    assert.match(
      problem ?? '',
      /^1:undefined ".*app.*" is signed or verified otherwise than ".*app.*" in .+:0, which is/,
    )
    assert.deepEqual(others, [])
  }
})
