import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withEnvFiles } from '../../src/compose/environment.ts'
import type { LookUp } from '../../src/compose/interpolate.ts'
import { problemsOf } from '../builders/problems-of.ts'

interface Outer {
  readonly values?: Readonly<Record<string, string>>
  readonly unset?: string[]
}

function lookUpIn(text: string, outer: Outer = {}): LookUp {
  return lookUpInAll([text], outer)
}

function lookUpInAll(texts: readonly string[], { values = {}, unset = [] }: Outer = {}): LookUp {
  const outer = { lookUp: (name: string) => values[name], onUnset: (name: string) => void unset.push(name) }
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

test('puts earlier lines and what was there before into values; what was there before wins', () => {
  const values = { REGISTRY: 'from.outer', HERE: 'here' }
  const lookUp = lookUpIn(`REGISTRY=from.file\nA=$REGISTRY/\${HERE}\nB=\${A}/b\nHERE\nA=2`, { values })
  assert.deepEqual(['REGISTRY', 'B', 'A', 'HERE', 'NOWHERE'].map(lookUp), [
    'from.outer',
    'from.outer/here/b',
    '2',
    'here',
    undefined,
  ])
})

test('refuses a name without a value where it is needed, since nothing is taken from the process', async () => {
  const lookUp = lookUpIn('PATH\nA=1\n\nexport A\nB=$A')
  assert.deepEqual(await refusal(() => lookUp('PATH')), [
    '0.env:1 The variable PATH is written without a value',
  ])
  assert.deepEqual(await refusal(() => lookUp('B')), ['0.env:4 The variable A is written without a value'])
})

test('tells of what counts as empty in a value when that is asked for, and of no more than ten', () => {
  const unset: string[] = []
  const lookUp = lookUpIn(`A=a$NOT\nB=$A$NOT\nC=$NEVER\n${manyUnset(12)}`, { unset })
  assert.deepEqual([lookUp('B'), unset], ['a', ['NOT']])
  lookUp('M')
  assert.equal(unset.length, 11)
})

function manyUnset(count: number): string {
  return `M=${Array.from({ length: count }, (_, index) => `$N${index}`).join('')}`
}

test('lets a later file win over an earlier one, and use it', () => {
  assert.equal(lookUpInAll(['A=1\nB=b', 'A=2$B'])('A'), '2b')
  assert.equal(lookUpInAll(['A=1', 'A'])('A'), '1')
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

test('reads a hostile file in no time', async () => {
  const grown = Array.from({ length: 40 }, (_, index) => `A${index + 1}=$A${index}$A${index}`).join('\n')
  assert.equal((await refusal(() => lookUpIn(`A0=xx\n${grown}`)('A40'))).length, 1)
  assert.equal((await refusal(() => lookUpIn(`A="${'\\"'.repeat(500_000)}`))).length, 1)
  // Fifty thousand values that are wrong, each with its line.
  const wrong = lookUpIn(`${`A=\${\n`.repeat(50_000)}B=\${`)
  assert.deepEqual(await refusal(() => wrong('B')), ['0.env:50001 A variable is not well formed'])
})
