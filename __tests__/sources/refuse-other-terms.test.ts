import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { exactly } from '../../src/policy/text-match.ts'
import { refuseOtherTerms } from '../../src/sources/refuse-other-terms.ts'
import type { ImageTerms } from '../../src/sources/source.ts'
import { SourceProblems } from '../../src/yaml/source-problems.ts'
import { listedImage } from '../builders/listed-image.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const DIGEST = digestOf('app')
const NONE: ImageTerms = { sign: { by: 'nobody' } }

async function refusal(...terms: readonly (ImageTerms | undefined)[]): Promise<readonly string[]> {
  const images = terms.map((one, line) => ({
    ...listedImage('r.example/app', DIGEST, line),
    ...(one && { terms: one }),
  }))
  const problems = new SourceProblems()
  refuseOtherTerms(images, problems)
  return placesOf(await problemsOf(() => problems.throwIfAny()))
}

test('takes an image that is listed on the same terms, or by a format that has none', async () => {
  const identity = { by: 'certificate', identity: exactly('i'), issuer: exactly('j') } as const
  assert.deepEqual(await refusal(NONE, { sign: { by: 'nobody' } }, undefined), [])
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
