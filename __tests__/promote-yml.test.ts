import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { INPUTS } from '../src/inputs/definitions.ts'
import { parseYaml } from '../src/yaml/yaml.ts'
import { plainYaml } from './builders/plain-yaml.ts'

interface Described {
  readonly default?: string | number
}

interface ReusableWorkflow {
  readonly on: {
    readonly workflow_call: {
      readonly inputs: Readonly<Record<string, Described>>
      readonly secrets: Readonly<Record<string, Described>>
    }
  }
  readonly jobs: {
    readonly promote: {
      readonly steps: readonly { readonly id?: string; readonly with?: Readonly<Record<string, string>> }[]
    }
  }
}

/** The workflow promotes, and writes its results where it uploads them from; a key comes as a secret in the environment. */
const OWN = ['command', 'key', 'lock-output', 'report']

const text = readFileSync(new URL('../.github/workflows/promote.yml', import.meta.url), 'utf8')
const workflow = plainYaml(parseYaml(text, 'promote.yml')) as ReusableWorkflow
const { inputs, secrets } = workflow.on.workflow_call
const given = workflow.jobs.promote.steps.find(({ id }) => id === 'promote')?.with ?? {}
const handedOn = INPUTS.filter(({ name }) => !OWN.includes(name))

test('the reusable workflow hands every input of the action on', () => {
  const expected = handedOn.map(({ name }) => [
    name,
    `\${{ ${name in secrets ? 'secrets' : 'inputs'}.${name} }}`,
  ])
  const actual = Object.entries(given).filter(([name]) => !OWN.includes(name))
  assert.deepEqual(Object.fromEntries(actual), Object.fromEntries(expected))
})

test('the reusable workflow has the defaults of the action', () => {
  const open = handedOn.filter(({ name }) => !(name in secrets))
  const expected = open.map(({ name, default: usual }) => [name, usual])
  const actual = open.map(({ name }) => [name, String(inputs[name]?.default ?? '')])
  assert.deepEqual(actual, expected)
})

test('the reusable workflow takes what is secret as secrets', () => {
  assert.deepEqual(Object.keys(secrets).sort(), ['identity-token', 'key', 'key-password', 'registries'])
})
