import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { COMMANDS, INPUTS, OUTPUTS } from '../src/inputs/definitions.ts'
import type { InputDefinition } from '../src/inputs/input-definition.ts'
import { parseYaml } from '../src/yaml/yaml.ts'
import { updateTables } from '../tools/readme-tables.ts'
import { plainYaml } from './builders/plain-yaml.ts'

const DEFINITIONS: readonly InputDefinition[] = INPUTS

function readProjectFile(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
}

const action = plainYaml(parseYaml(readProjectFile('action.yml'), 'action.yml')) as Readonly<
  Record<string, unknown>
>

test('action.yml has every input, in the order, with the meaning and the default of the table', () => {
  const expected = DEFINITIONS.map((input): [string, unknown] => [
    input.name,
    { description: input.meaning, required: false, default: input.default },
  ])
  assert.deepEqual(Object.entries(action.inputs ?? {}), expected)
})

test('action.yml has every output of the table', () => {
  const expected = OUTPUTS.map(({ name, meaning }): [string, unknown] => [name, { description: meaning }])
  assert.deepEqual(Object.entries(action.outputs ?? {}), expected)
})

test('action.yml runs the bundle on Node 24 and has all that the marketplace asks for', () => {
  assert.deepEqual(action.runs, { using: 'node24', main: 'dist/action.js' })
  for (const key of ['name', 'description', 'author', 'branding']) assert.ok(action[key], key)
})

test('the README’s tables are those of the definitions', () => {
  const readme = readProjectFile('README.md')
  assert.equal(readme, updateTables(readme), 'run "node tools/readme-tables.ts"')
})

test('the tables are put between the markers, and a missing marker is refused', () => {
  const around = (text: string) =>
    `a\n<!-- inputs -->${text}<!-- /inputs -->\nb\n<!-- outputs --><!-- /outputs -->\nc\n`
  const filled = updateTables(around('old'))
  assert.match(
    filled,
    /^a\n<!-- inputs -->\n\| Input \| Meaning \| Default \|\n[\s\S]*\| `report` \|[\s\S]*<!-- \/inputs -->\nb\n/,
  )
  assert.equal(filled, updateTables(filled))
  assert.throws(() => updateTables('<!-- inputs -->'), /lacks <!-- inputs -->/)
})

test('every definition is complete, and its default is one of the allowed words', () => {
  const names = DEFINITIONS.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const { name, meaning, kind, allowed, commands, default: usual } of DEFINITIONS) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/)
    assert.match(meaning, /^[A-Z].*\.$/, name)
    assert.doesNotMatch(meaning, /\. /, `${name} is explained in one sentence`)
    assert.equal(kind === 'choice', allowed !== undefined, name)
    if (allowed !== undefined) assert.ok(allowed.includes(usual), name)
    assert.ok(commands.length > 0 && commands.every((command) => command in COMMANDS), name)
  }
})
