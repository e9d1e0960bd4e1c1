import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromAction } from '../../src/inputs/from-action.ts'

test('reads the variables that the runner sets, and nothing else', () => {
  const { raw, problems } = fromAction({
    INPUT_LOCK: 'a.yml\nb.yml',
    'INPUT_KEY-PASSWORD': ' p ',
    'INPUT_EXISTING-TAGS': 'refuse',
    INPUT_SOMETHING_OF_SOMEBODY_ELSE: 'x',
    LOCK: 'x',
    input_to: 'x',
  })
  assert.deepEqual(Object.fromEntries(raw), {
    lock: 'a.yml\nb.yml',
    'existing-tags': 'refuse',
    'key-password': ' p ',
  })
  assert.deepEqual(problems, [])
})

test('takes empty and blank for not given', () => {
  const { raw, problems } = fromAction({ INPUT_LOCK: '', INPUT_TO: ' \n', INPUT_POLCY: '' })
  assert.deepEqual([raw.size, problems], [0, []])
})

for (const [variable, meant] of [
  ['INPUT_REQUIRE-ATTESTATION', 'require-attestations'],
  ['INPUT_POLCY', 'policy'],
  ['INPUT_KEY_PASSWORD', 'key-password'],
] as const) {
  test(`refuses ${variable}, which the runner only warns of, and says what may be meant`, () => {
    const { raw, problems } = fromAction({ [variable]: 'secret' })
    assert.equal(raw.size, 0)
    assert.deepEqual(
      problems.map(({ kind, hint }) => [kind, hint]),
      [['input', `Did you mean \`${meant}\`?`]],
    )
    assert.doesNotMatch(problems[0]?.message ?? '', /secret/)
  })
}
