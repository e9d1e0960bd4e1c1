import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import type { Settings } from '../../src/inputs/settings.ts'
import { parseYaml } from '../../src/yaml/yaml.ts'
import { plainYaml } from './plain-yaml.ts'

type Inputs = Readonly<Record<string, string>>

interface Job {
  readonly permissions: Inputs
  readonly environment: string
  readonly steps: readonly { readonly uses?: string; readonly with?: Inputs; readonly env?: Inputs }[]
}

/** What stands for an expression when the workflow runs; a value that is not here is `v1`. */
const VALUES: Inputs = {
  'secrets.REGISTRIES': 'registry.example.com robot password',
}
const EXAMPLES = resolve(import.meta.dirname, '../../examples')
const PRODUCT = 'acme/signed-promote'

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

  /** The names of all inputs that the job gives the product. */
  get inputNames(): readonly string[] {
    return this.#steps(PRODUCT).flatMap((step) => Object.keys(step.with ?? {}))
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
    text.replace(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => VALUES[expression] ?? 'v1')
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]))
}
