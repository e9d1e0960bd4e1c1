import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpolate } from '../../src/compose/interpolate.ts'
import { problemsOf } from '../builders/problems-of.ts'

const VALUES: Readonly<Record<string, string>> = {
  SET: 'v1',
  EMPTY: '',
  _a1: 'low',
  SHOUT: '$SET',
  LONG: 'x'.repeat(1_000),
}

function put(text: string): { readonly text: string; readonly unset: readonly string[] } {
  const unset: string[] = []
  const variables = {
    lookUp: (name: string) => VALUES[name],
    onUnset: (name: string) => void unset.push(name),
  }
  return { text: interpolate(text, variables), unset }
}

async function refusal(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(() => put(text))
  for (const { kind, hint } of problems) assert.ok(kind === 'input' && hint)
  return problems.map(({ message }) => message)
}

test('puts in variables with and without braces, and a dollar sign for two', () => {
  assert.equal(put(`app:$SET`).text, 'app:v1')
  assert.equal(put(`$SET-\${SET}\${_a1}/$$SET`).text, 'v1-v1low/$SET')
  assert.equal(put(`$1 $ \${EMPTY}$`).text, '$1 $ $')
})

test('does not look into what a variable holds', () => {
  assert.equal(put(`\${SHOUT}`).text, '$SET')
})

test('takes a default for what is not set, and with a colon for what is empty too', () => {
  const cases: readonly (readonly [string, string])[] = [
    [`\${NOT:-d}`, 'd'],
    [`\${EMPTY:-d}`, 'd'],
    [`\${SET:-d}`, 'v1'],
    [`\${NOT-d}`, 'd'],
    [`\${EMPTY-d}`, ''],
    [`\${NOT:-}`, ''],
    [`\${SET:+d}`, 'd'],
    [`\${EMPTY:+d}`, ''],
    [`\${NOT+d}`, ''],
    [`\${EMPTY+d}`, 'd'],
    [`\${SET:?why}\${EMPTY?why}`, 'v1'],
  ]
  for (const [text, expected] of cases) assert.deepEqual(put(text), { text: expected, unset: [] }, text)
})

test('puts variables into defaults, as deep as they go', () => {
  assert.equal(put(`\${NOT:-\${EMPTY:-\${SET}-\${NOT-x}}}/\${SET:+$_a1}`).text, 'v1-x/low')
})

test('tells of every variable that is not set and counts as empty', () => {
  assert.deepEqual(put(`a$NOT:\${OTHER}\${NOT:-\${DEEP}}`), { text: 'a:', unset: ['NOT', 'OTHER', 'DEEP'] })
})

test('ends with the message for a variable that has to be set', async () => {
  // As it is written, since a value may be a secret.
  assert.deepEqual(await refusal(`app:\${NOT:?set it to $SET}`), [
    'The variable NOT is not set: set it to $SET',
  ])
  assert.deepEqual(await refusal(`\${NOT:?${'x'.repeat(500)}}`), [
    `The variable NOT is not set: ${'x'.repeat(300)}…`,
  ])
  assert.deepEqual(await refusal(`app:\${EMPTY:?}`), ['The variable EMPTY is empty'])
  assert.deepEqual(await refusal(`app:\${NOT?}`), ['The variable NOT is not set'])
})

test('refuses what is not well formed without showing it', async () => {
  for (const text of [`\${`, `\${SET`, `\${1}`, `\${SET/a/b}`, `\${}`, `\${SET:=x}`, `\${NOT:-\${SET}`]) {
    assert.deepEqual(await refusal(text), ['A variable is not well formed'], text)
  }
})

test('gives up on values that grow or nest without end', async () => {
  for (const text of ['$LONG'.repeat(70), `\${NOT:-${'$LONG'.repeat(70)}}`, 'x'.repeat(70_000)]) {
    assert.deepEqual(await refusal(text), ['A value with variables is longer than 65536 characters'])
  }
  const deep = `${`\${NOT:-`.repeat(5_000)}x${'}'.repeat(5_000)}`
  assert.deepEqual(await refusal(deep), ['A variable is not well formed'])
})
