import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseYaml, type YamlNode } from '../../src/yaml/yaml.ts'
import { isNothing, YamlReader } from '../../src/yaml/yaml-reader.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const KEYS = { required: ['a', 'b'], optional: ['c'] }

function read(text: string): YamlNode {
  return parseYaml(text, 'file.yml')
}

test('notes unknown and missing keys with their places, and reads the rest', async () => {
  const reader = new YamlReader()
  const entries = reader.mapping(read('c: 1\n\nz: 2\na: 3\n'), 'a thing', KEYS)
  assert.deepEqual([...(entries?.keys() ?? [])], ['c', 'z', 'a'])
  const problems = await problemsOf(() => reader.problems.throwIfAny())
  assert.deepEqual(placesOf(problems), [
    '3:1 The key "z" is not known in a thing',
    '1:1 The key "b" is missing in a thing',
  ])
  assert.deepEqual(
    problems.map(({ hint }) => hint),
    ['Use only a, b, c.', 'Add "b".'],
  )
})

test('notes what has the wrong type, and what it is instead', async () => {
  const reader = new YamlReader()
  assert.equal(reader.mapping(read('- x'), 'one', KEYS), undefined)
  assert.equal(reader.list(read('a: x'), 'two'), undefined)
  assert.equal(reader.text(read('1.5'), 'three'), undefined)
  assert.equal(reader.text(read('true'), 'four'), undefined)
  assert.equal(reader.list(read('text'), 'five'), undefined)
  assert.equal(reader.text(read(''), 'six'), undefined)
  assert.deepEqual(placesOf(await problemsOf(() => reader.problems.throwIfAny())), [
    '1:1 One must be a mapping, not a list',
    '1:1 Two must be a list, not a mapping',
    '1:1 Three must be text, not the number 1.5',
    '1:1 Four must be text, not the boolean true',
    '1:1 Five must be a list, not text',
    '1:1 Six must be text, not empty',
  ])
})

test('has nothing to throw about a tree that is as it should be', () => {
  const reader = new YamlReader()
  const entries = reader.mapping(read('a: x\nb: [y]'), 'a thing', KEYS)
  const [a, b] = [entries?.get('a')?.value, entries?.get('b')?.value]
  assert.ok(a && b)
  assert.equal(reader.text(a, 'a'), 'x')
  assert.equal(reader.list(b, 'b')?.length, 1)
  reader.problems.throwIfAny()
})

test('tells nothing from an empty text', () => {
  assert.ok(isNothing(read('')))
  assert.ok(!isNothing(read('""')))
  assert.ok(!isNothing(read('[]')))
})
