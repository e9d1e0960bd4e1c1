import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import type { Settings } from '../../src/inputs/settings.ts'
import { parseYaml } from '../../src/yaml/yaml.ts'
import { plainYaml } from './plain-yaml.ts'

type Inputs = Readonly<Record<string, string>>

interface Job {
  /** The workflow that is called, in place of steps. */
  readonly uses?: string
  readonly with?: Inputs
  readonly secrets?: Inputs
  readonly needs?: string
  readonly permissions: Inputs
  readonly environment: string
  readonly steps: readonly {
    readonly uses?: string
    readonly with?: Inputs
    readonly env?: Inputs
    readonly run?: string
  }[]
}

/** What stands for a secret with logins when the workflow runs; every other expression is `v1`. */
const LOGIN = 'registry.example.com robot password'
const EXAMPLES = resolve(import.meta.dirname, '../../examples')
const PRODUCT = 'acme/signed-promote'
const CALLED = `${PRODUCT}/.github/workflows/promote.yml@v1`
/** What the reusable workflow takes besides inputs of the action. */
const OF_WORKFLOW = ['lock-artifact', 'environment', 'plan-repository', 'artifact', 'runs-on']

/** One job of a workflow in examples/, as the runner would give it to the action. */
export class ExampleJob {
  readonly job: Job

  constructor(path: string, name: string) {
    const workflow = plainYaml(parseYaml(readFileSync(join(EXAMPLES, path), 'utf8'), path))
    const job = (workflow as { readonly jobs: Readonly<Record<string, Job>> }).jobs[name]
    if (job === undefined) throw new Error(`${path} has no job ${name}`)
    this.job = job
  }

  /** What the job gives the first step with an action. */
  inputsOf(action: string): Inputs {
    return this.#steps(action)[0]?.with ?? {}
  }

  /** What the job runs itself. */
  get script(): string {
    return this.job.steps.map(({ run = '' }) => run).join('')
  }

  /** The names of all inputs that the job gives the product. */
  get inputNames(): readonly string[] {
    return this.#steps(PRODUCT).flatMap((step) => Object.keys(step.with ?? {}))
  }

  /** The names that the job gives the reusable workflow and that it does not know. */
  get unknownToCalled(): readonly string[] {
    const text = readFileSync(join(EXAMPLES, '../.github/workflows/promote.yml'), 'utf8')
    const { on } = plainYaml(parseYaml(text, 'promote.yml')) as {
      readonly on: { readonly workflow_call: { readonly inputs: Inputs; readonly secrets: Inputs } }
    }
    const { inputs, secrets } = on.workflow_call
    return [
      ...Object.keys(this.job.with ?? {}).filter((name) => !(name in inputs)),
      ...Object.keys(this.job.secrets ?? {}).filter((name) => !(name in secrets)),
    ]
  }

  /** The settings with which the reusable workflow makes its plan. */
  get planned(): Settings {
    if (this.job.uses !== CALLED) throw new Error(`The job uses ${this.job.uses}`)
    const given = Object.entries(filled({ ...this.job.with, ...this.job.secrets }))
    const inputs = given.filter(([name]) => !OF_WORKFLOW.includes(name))
    return parseSettings(new Map([['command', 'plan'], ['plan-output', 'plan.json'], ...inputs]), {})
  }

  /** The settings of each step with the product. */
  get settings(): readonly Settings[] {
    return this.#steps(PRODUCT).map(({ with: inputs = {}, env = {} }) =>
      parseSettings(new Map(Object.entries(filled(inputs))), filled(env)),
    )
  }

  #steps(action: string): Job['steps'] {
    return this.job.steps.filter(({ uses }) => uses?.startsWith(`${action}@`))
  }
}

function filled(texts: Inputs): Inputs {
  const fill = (text: string) =>
    text.replace(/\$\{\{ (.+?) \}\}/g, (_, expression: string) =>
      expression.includes('secrets.REGISTRIES') ? LOGIN : 'v1',
    )
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]))
}
