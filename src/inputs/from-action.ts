import { INPUTS } from './definitions.ts'

/** The inputs that the runner hands over as `INPUT_<NAME>`: upper case, blanks as underscores, dashes kept. Empty means not given. */
export function fromAction(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const raw = new Map<string, string>()
  for (const { name } of INPUTS) {
    const value = environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`]
    if (value !== undefined && value.trim() !== '') raw.set(name, value)
  }
  return raw
}
