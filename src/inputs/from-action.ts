import { PromotionError } from '../errors.ts'
import { INPUTS } from './definitions.ts'
import { nearestName } from './nearest-name.ts'

/** What the runner handed over: raw inputs for `parseSettings`, and why they must not be used. */
export interface ActionInputs {
  readonly problems: readonly PromotionError[]
  readonly raw: ReadonlyMap<string, string>
}

const PREFIX = 'INPUT_'

/**
 * The inputs that the runner hands over as `INPUT_<NAME>`: upper case, blanks as underscores, dashes kept. Empty means not given. A name that
 * there is not and that is near to one is a problem, because the runner only warns of it: a gate with a letter too few would be none. Others
 * are left alone, since a job may have variables of this form for other purposes.
 */
export function fromAction(environment: Readonly<Record<string, string | undefined>>): ActionInputs {
  const names: readonly string[] = INPUTS.map(({ name }) => name)
  const raw = new Map<string, string>()
  const problems: PromotionError[] = []
  for (const [variable, value = ''] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || value.trim() === '') continue
    const name = variable.slice(PREFIX.length).toLowerCase()
    const nearest = nearestName(name, names)
    if (names.includes(name)) raw.set(name, value)
    else if (nearest !== undefined) problems.push(unknownInput(name, nearest))
  }
  return { problems, raw }
}

function unknownInput(name: string, nearest: string): PromotionError {
  return new PromotionError('input', `There is no input "${name}"`, {
    hint: `Did you mean \`${nearest}\`?`,
  })
}
