import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { INPUTS } from '../src/inputs/definitions.ts'
import type { InputDefinition } from '../src/inputs/input-definition.ts'
import { parseSettings } from '../src/inputs/parse-settings.ts'
import type { Command } from '../src/inputs/settings.ts'
import { parseYaml } from '../src/yaml/yaml.ts'
import { plainYaml } from './builders/plain-yaml.ts'
import { problemsOf } from './builders/problems-of.ts'

type Texts = Readonly<Record<string, string>>

interface Described {
  readonly default?: string | number
}

interface Job {
  readonly permissions?: unknown
  readonly steps: readonly { readonly uses?: string; readonly with?: Texts; readonly env?: Texts }[]
}

interface ReusableWorkflow {
  readonly on: {
    readonly workflow_call: {
      readonly inputs: Readonly<Record<string, Described>>
      readonly secrets: Readonly<Record<string, Described>>
    }
  }
  readonly jobs: Readonly<Record<string, Job>>
}

/** The commands of the jobs that use the action. */
const COMMANDS: Readonly<Record<string, Command>> = {
  promote: 'promote',
  plan: 'plan',
  copy: 'promote',
  finish: 'finish',
}
/** What the workflow decides itself: what each job does, where its files are, and that a key comes as a secret in the environment. */
const OWN = [
  ...['command', 'key', 'lock-output', 'report', 'comment-output'],
  ...['plan-output', 'plan', 'plan-digest', 'shard', 'reports'],
]

const text = readFileSync(new URL('../.github/workflows/promote.yml', import.meta.url), 'utf8')
const { on, jobs } = plainYaml(parseYaml(text, 'promote.yml')) as ReusableWorkflow
const { inputs, secrets } = on.workflow_call
const definitions: readonly InputDefinition[] = INPUTS
const decided = new Set(
  (
    await Promise.all(definitions.map(async (input) => ((await isDecidedByPlan(input)) ? [input] : [])))
  ).flat(),
)

function stepOf(job: string): Job['steps'][number] {
  const step = jobs[job]?.steps.find(({ uses }) => uses?.startsWith('acme/signed-promote@'))
  return step ?? assert.fail(`The job ${job} does not use the action`)
}

/** Whether an input is refused beside a saved plan, because the plan has decided it. */
async function isDecidedByPlan({ name, allowed = [], default: usual }: InputDefinition): Promise<boolean> {
  const other = allowed.find((value) => value !== usual) ?? 'x'
  const given = new Map([...Object.entries({ plan: 'plan.json', verify: 'none' }), [name, other]])
  const problems = await problemsOf(() => parseSettings(given, {}))
  return problems.some(({ message }) =>
    message.startsWith(`\`${name}\` is given, but the \`plan\` has decided`),
  )
}

function handedTo(job: string): readonly InputDefinition[] {
  const command = COMMANDS[job] ?? assert.fail(job)
  const applies = stepOf(job).with?.plan !== undefined
  return definitions.filter(
    (input) =>
      input.commands.includes(command) && !OWN.includes(input.name) && !(applies && decided.has(input)),
  )
}

describe('the reusable workflow', () => {
  for (const job of Object.keys(COMMANDS)) {
    test(`hands every input that the job ${job} has a use for on to it`, () => {
      const expected = handedTo(job).map(({ name }) => [
        name,
        `\${{ ${name in secrets ? 'secrets' : 'inputs'}.${name} }}`,
      ])
      const actual = Object.entries(stepOf(job).with ?? {}).filter(([name]) => !OWN.includes(name))
      assert.deepEqual(Object.fromEntries(actual), Object.fromEntries(expected))
    })
  }

  test('gives each of these jobs the key, and nothing else of its environment', () => {
    for (const job of Object.keys(COMMANDS)) {
      const { env, with: given } = stepOf(job)
      assert.deepEqual(env, { SIGNED_PROMOTE_KEY: `\${{ secrets.key }}` })
      assert.match(given?.key ?? '', /&& 'env:\/\/SIGNED_PROMOTE_KEY' \|\| ''/)
    }
  })

  test('has the defaults of the action', () => {
    const open = definitions.filter(
      (input) =>
        !(input.name in secrets) && Object.keys(COMMANDS).some((job) => handedTo(job).includes(input)),
    )
    const expected = open.map(({ name, default: usual }) => [name, usual])
    const actual = open.map(({ name }) => [name, String(inputs[name]?.default ?? '')])
    assert.deepEqual(actual, expected)
  })

  test('takes what is secret as secrets', () => {
    assert.deepEqual(Object.keys(secrets).sort(), ['identity-token', 'key', 'key-password', 'registries'])
  })

  test('asks for no permission that its caller would have to grant', () => {
    for (const [name, { permissions }] of Object.entries(jobs)) assert.equal(permissions, undefined, name)
  })
})
