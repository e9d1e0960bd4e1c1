import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processVariables, withEnvFiles } from '../../src/compose/environment.ts'
import type { LookUp } from '../../src/compose/interpolate.ts'
import { problemsOf } from '../builders/problems-of.ts'

function lookUpIn(text: string, environment: Readonly<Record<string, string>> = {}): LookUp {
  return lookUpInAll([text], environment)
}

function lookUpInAll(texts: readonly string[], environment: Readonly<Record<string, string>>): LookUp {
  const outer = { lookUp: processVariables(environment), onUnset: () => undefined }
  return withEnvFiles(
    outer,
    texts.map((text, index) => ({ file: `${index}.env`, text })),
  )
}

async function refusal(run: () => unknown): Promise<readonly string[]> {
  return (await problemsOf(run)).map(({ kind, hint, message, location }) => {
    assert.ok(kind === 'input' && hint)
    return `${location?.file}:${location?.line} ${message}`
  })
}

test('reads names and values as compose does, comments and export left out', () => {
  const lookUp = lookUpIn(
    '\ufeff# first\nA=1\n\n  export B = two words  # rest\nC: three\r\nD=a#b\nE=\nF="x" # rest\n # last\nG.h-i[0]=j',
  )
  const values = ['A', 'B', 'C', 'D', 'E', 'F', 'G.h-i[0]', 'first'].map(lookUp)
  assert.deepEqual(values, ['1', 'two words', 'three', 'a#b', '', 'x', 'j', undefined])
})

test('leaves single quotes as they are, and expands double quotes', () => {
  const lookUp = lookUpIn(`A=a\nB='$A \\n\nit\\'s'\nC="$A \\n\\"\\$A\\" \\0101\\q"\nD=\\n$A`)
  assert.deepEqual(['B', 'C', 'D'].map(lookUp), ["$A \\n\nit's", 'a \n"$A" A\\q', '\\na'])
})

test('puts earlier lines and the process’s variables into values; the process’s win', () => {
  const environment = { REGISTRY: 'from.process', HERE: 'here' }
  const lookUp = lookUpIn(
    `REGISTRY=from.file\nA=$REGISTRY/\${HERE}\nB=\${A}/b\nHERE\nNOWHERE\nA=2`,
    environment,
  )
  assert.deepEqual(['REGISTRY', 'B', 'A', 'HERE', 'NOWHERE'].map(lookUp), [
    'from.process',
    'from.process/here/b',
    '2',
    'here',
    undefined,
  ])
})

test('lets a later file win over an earlier one, and use it', () => {
  assert.equal(lookUpInAll(['A=1\nB=b', 'A=2$B'], {})('A'), '2b')
})

test('refuses lines that are none, with their place and without their value', async () => {
  assert.deepEqual(await refusal(() => lookUpIn('A=1\n\n=hunter2')), [
    '0.env:3 The line does not begin with the name of a variable',
  ])
  assert.deepEqual(await refusal(() => lookUpIn('A=1\nB="hunter2\nC=3')), [
    '0.env:2 The line has a value whose " is not closed',
  ])
  assert.deepEqual(await refusal(() => lookUpIn('A B=1')), [
    '0.env:1 The line does not begin with the name of a variable',
  ])
})

test('keeps what is wrong with a value for those who need it', async () => {
  const lookUp = lookUpIn(`PASSWORD=pa\${ss\nURL=\${HOST:?no host}\nA=$URL\nTAG=v1`)
  assert.equal(lookUp('TAG'), 'v1')
  assert.deepEqual(await refusal(() => lookUp('PASSWORD')), ['0.env:1 A variable is not well formed'])
  assert.deepEqual(await refusal(() => lookUp('A')), ['0.env:2 The variable HOST is not set: no host'])
})

test('gives no secret of the process to compose files, wherever it is used', async () => {
  const names = [
    'GITHUB_TOKEN',
    'COSIGN_PASSWORD',
    'ACTIONS_RUNTIME_URL',
    'INPUT_KEY',
    'AWS_SECRET_ACCESS_KEY',
  ]
  const lookUp = processVariables(Object.fromEntries([...names, 'TAG'].map((name) => [name, 'hunter2'])))
  for (const name of names) {
    const [problem] = await refusal(() => lookUp(name))
    assert.match(problem ?? '', new RegExp(`The variable ${name} is a secret by its name`))
    assert.doesNotMatch(problem ?? '', /hunter2/)
  }
  assert.equal(lookUp('TAG'), 'hunter2')
  assert.equal(lookUp('toString'), undefined)
  const viaFile = lookUpIn('A=$GITHUB_TOKEN', { GITHUB_TOKEN: 'hunter2' })
  assert.equal((await refusal(() => viaFile('A'))).length, 1)
  assert.equal(lookUpIn('MY_TOKEN=1')('MY_TOKEN'), '1')
})

test('reads a hostile file in no time', async () => {
  const grown = Array.from({ length: 40 }, (_, index) => `A${index + 1}=$A${index}$A${index}`).join('\n')
  assert.equal((await refusal(() => lookUpIn(`A0=xx\n${grown}`)('A40'))).length, 1)
  assert.equal((await refusal(() => lookUpIn(`A="${'\\"'.repeat(500_000)}`))).length, 1)
})
