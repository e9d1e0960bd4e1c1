import { DECIDED_INPUTS } from './decided-inputs.ts'
import { INPUTS, type InputName } from './definitions.ts'
import type { InputDefinition } from './input-definition.ts'
import { InputReader } from './input-reader.ts'
import type { Command } from './settings.ts'

/** One input as it was given: a value, or the lines of a list. */
export interface GivenInput {
  readonly name: string
  readonly values: readonly string[]
  /** Those that take it. */
  readonly commands: readonly Command[]
}

/** What each run says anew. */
const OWN: readonly InputName[] = ['command', 'report']

/**
 * The inputs of `plan` that whoever applies the plan has to give as well, such as who must have signed: without secrets, which must not stand
 * in a command line, and without what the plan has decided.
 */
export function inputsToApply(raw: ReadonlyMap<string, string>): readonly GivenInput[] {
  const inputs = new InputReader(raw)
  const left = new Set([...DECIDED_INPUTS, ...OWN])
  return INPUTS.flatMap((definition: InputDefinition & { readonly name: InputName }) => {
    const { name, kind, commands } = definition
    if (left.has(name) || kind === 'secret' || kind === 'secret-lines' || !inputs.isGiven(name)) return []
    return [{ name, values: kind === 'lines' ? inputs.lines(name) : [inputs.text(name)], commands }]
  })
}
